import { type GraphQLSchema, isLeafType, getNullableType, print } from "graphql";
import { escapeHtml } from "../../http/pages/html-page";
import { describePartnerApi, describeVariables } from "../openapi/describe-partner-api";
import type { JsonSchema } from "../openapi/json-schema";
import type { RegisteredOperation } from "../registry/operation-registry";
import type { RestEntry } from "../rest/create-rest-catalogue";
import type { RestOperation, RestParameter } from "../rest/rest-operation";
import { callExamples } from "./call-examples";
import { exampleValue } from "./example-value";
import { typeOutline } from "./type-outline";

/** What describes the answer of one operation in the OpenAPI document. */
interface Described {
  readonly description?: string;
  readonly responses: {
    readonly "200": { readonly content: { readonly "application/json": { readonly schema: JsonSchema } } };
  };
}

/**
 * A partner's operations as HTML, each with all that is needed to call it, and with a form that does. Those that do not fit the schema are left out,
 * as they cannot be called either.
 */
export function operationsFragment(
  origin: string,
  schema: GraphQLSchema,
  entries: readonly RestEntry[],
  subscriptions: readonly RegisteredOperation[] = [],
): string {
  const document = describePartnerApi(schema, entries);
  const { schemas } = document["components"] as { schemas: Readonly<Record<string, JsonSchema>> };
  const paths = document["paths"] as Readonly<Record<string, Readonly<Record<string, Described>>>>;
  const articles = entries.flatMap(({ rest, binding }) => {
    const described = paths[binding.path]?.[binding.method.toLowerCase()];
    return rest && described ? [operationArticle(origin, schema, rest, described, schemas)] : [];
  });
  articles.push(...subscriptions.map(subscriptionArticle));
  if (articles.length > 0) return articles.join("\n");
  return `<p class="empty">No operation is registered for this key yet.</p>`;
}

function operationArticle(
  origin: string,
  schema: GraphQLSchema,
  rest: RestOperation,
  described: Described,
  schemas: Readonly<Record<string, JsonSchema>>,
): string {
  const { operation, binding, parameters } = rest;
  const { id, name, type, body } = operation;
  const notes = describeVariables(schema, rest);
  const all = [...parameters.values()];
  const values = Object.fromEntries(
    all.filter(({ isRequired }) => isRequired).map((one) => [one.name, exampleOf(one)]),
  );
  const outline = typeOutline(described.responses["200"].content["application/json"].schema, schemas);
  const examples = callExamples(origin, operation, binding, values);
  const path = escapeHtml(binding.path).replace(/\{\w+\}/g, "<em>$&</em>");
  return `<article class="operation" id="op-${escapeHtml(name)}" data-name="${escapeHtml(name)}" data-type="${type}" data-method="${binding.method}" data-path="${escapeHtml(binding.path)}">
<header><h3>${escapeHtml(name)}</h3>${goingAway(operation)}<span class="kind">${type}</span></header>
<p class="path"><span class="method ${binding.method.toLowerCase()}">${binding.method}</span><code>/partner/v1${path}</code></p>
${described.description ? `<p>${escapeHtml(described.description)}</p>` : ""}
${parameterTable(all, notes)}
<div class="tabs">
<div role="tablist">${examples.map(({ label }, i) => `<button role="tab" type="button" aria-selected="${i === 0}">${escapeHtml(label)}</button>`).join("")}</div>
${examples.map(({ text }, i) => `<div role="tabpanel"${i === 0 ? "" : " hidden"}>${codeBlock(text)}</div>`).join("\n")}
</div>
<details><summary>The answer</summary>${codeBlock(outline)}</details>
<details><summary>The registered document and its id</summary><p class="id"><code>${escapeHtml(id)}</code></p>${codeBlock(body.trimEnd())}</details>
<details class="try"><summary>Try it</summary>${tryForm(all, type === "mutation")}</details>
</article>`;
}

/** Nobody calls it: an endpoint of a webhook names it. */
const subscriptionArticle = (operation: RegisteredOperation): string => {
  const { id, name, body, definition } = operation;
  return `<article class="operation" id="op-${escapeHtml(name)}" data-name="${escapeHtml(name)}" data-type="subscription">
<header><h3>${escapeHtml(name)}</h3>${goingAway(operation)}<span class="kind">subscription</span></header>
${definition.description ? `<p>${escapeHtml(definition.description.value)}</p>` : ""}
<p class="quiet">Posted to your endpoint: name it when you register a <a href="#webhooks">webhook</a>.</p>
<details><summary>The registered document and its id</summary><p class="id"><code>${escapeHtml(id)}</code></p>${codeBlock(body.trimEnd())}</details>
</article>`;
};

function goingAway({ state, sunset, successor }: RegisteredOperation): string {
  if (state !== "deprecated") return "";
  const until = sunset ? ` until ${sunset.toISOString().slice(0, 10)}` : "";
  const next =
    successor === undefined ? "" : `; use <a href="#op-${escapeHtml(successor)}">${escapeHtml(successor)}</a>`;
  return `<span class="deprecated">deprecated${until}${next}</span>`;
}

function parameterTable(all: readonly RestParameter[], notes: ReadonlyMap<string, string>): string {
  if (all.length === 0) return `<p class="quiet">It has no parameters.</p>`;
  const rows = all.map(({ name, definition, place, isRequired }) => {
    const standard = definition.defaultValue
      ? ` <span class="quiet">= ${escapeHtml(print(definition.defaultValue))}</span>`
      : "";
    return `<tr><td><code>${escapeHtml(name)}</code>${isRequired ? ' <span class="required" title="required">required</span>' : ""}</td>
<td><code>${escapeHtml(print(definition.type))}</code>${standard}</td><td>${place}</td><td>${escapeHtml(notes.get(name) ?? "")}</td></tr>`;
  });
  return `<div class="scroll"><table><thead><tr><th>Parameter</th><th>Type</th><th>In</th><th>Meaning</th></tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

function tryForm(all: readonly RestParameter[], isMutation: boolean): string {
  const fields = all.map((parameter) => {
    const { name, place, spelling, isRequired, definition } = parameter;
    const attributes = `name="${escapeHtml(name)}" data-place="${place}" data-spelling="${spelling}" data-leaf="${leafKind(parameter)}"${isRequired ? " required" : ""}`;
    const value = isRequired ? textOf(exampleOf(parameter)) : "";
    const type = escapeHtml(print(definition.type));
    const input =
      spelling === "text"
        ? `<input ${attributes} value="${escapeHtml(value)}" placeholder="${type}" spellcheck="false" autocomplete="off">`
        : `<textarea ${attributes} rows="3" placeholder="${type} in JSON" spellcheck="false">${escapeHtml(value)}</textarea>`;
    return `<label><span>${escapeHtml(name)}</span>${input}</label>`;
  });
  const idempotency = isMutation
    ? `<label><span>Idempotency-Key</span><input name="idempotency-key" data-place="header" placeholder="a new one for each call" spellcheck="false" autocomplete="off"></label>`
    : "";
  return `<form>${fields.join("\n")}${idempotency}
<label class="scenario" hidden><span>Scenario</span><input name="tributary-test-scenario" data-place="header" list="scenarios" placeholder="success" spellcheck="false" autocomplete="off"></label>
<p class="send"><button type="submit">Send</button><span class="hint" role="status"></span></p>
<div class="result" hidden></div></form>`;
}

export const codeBlock = (text: string): string =>
  `<div class="code"><button type="button" class="copy">Copy</button><pre><code>${escapeHtml(text)}</code></pre></div>`;

/** How the page writes what was typed: as a JSON value or as a text. */
function leafKind({ type }: RestParameter): "json" | "text" {
  const leaf = getNullableType(type);
  return isLeafType(leaf) && !["Int", "Float", "Boolean"].includes(leaf.name) ? "text" : "json";
}

const exampleOf = ({ name, type }: RestParameter): unknown => exampleValue(type, name);

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
