import { Kind, parse, print } from "graphql";
import type { OperationRegistry, RegisteredOperation } from "../../partners/registry/operation-registry";
import { escapeHtml, htmlPage, type HtmlPage } from "./html-page";

/** How partners call, and what: every registered operation with its id, its variables and its text. */
export function partnerDocsPage(origin: string, registry: OperationRegistry): HtmlPage {
  const endpoint = `${origin}/partner/v1/graphql`;
  const list = registry.partners
    .flatMap((partner) => registry.ofPartner(partner).map((found) => describeOperation(origin, partner, found)))
    .join("\n");
  return htmlPage(
    "Partner API",
    `<p>Partners run registered operations: reviewed documents, each with an id that is the SHA-256 of its text. Send the id and the
variables to <code>${escapeHtml(endpoint)}</code> with your API key, as <code>Authorization: Bearer trib_live_…</code> or <code>x-api-key</code>.
Anything that is not registered is refused.</p>
<p>The id may be spelled <code>documentId</code>, <code>extensions.persistedQuery.sha256Hash</code> (with or without <code>sha256:</code>),
<code>id</code>, <code>doc_id</code>, <code>docId</code> or <code>queryId</code>, so the persisted-query modes of Apollo Client, urql and Relay work as they are.
Queries may be sent by GET too, with the id in the query string or in the path.</p>
<p>Every operation also has a path of its own for plain HTTP and JSON: queries are GET with an <code>ETag</code>, mutations are POST with a JSON body. An answer is whole, or it is
a problem document (<code>application/problem+json</code>) with a <code>code</code>, the errors, and whatever could be had. What your key can call is described by OpenAPI 3.1 at
<code>${escapeHtml(`${origin}/partner/v1/openapi.json`)}</code>.</p>
${list === "" ? "<p>No operation is registered yet.</p>" : list}
<footer><a href="/">Home</a></footer>`,
  );
}

function describeOperation(origin: string, partner: string, operation: RegisteredOperation): string {
  const { id, name, type, body, rest } = operation;
  const endpoint = `${origin}/partner/v1/graphql`;
  const variables = variablesOf(body);
  const example = JSON.stringify({
    documentId: id,
    variables: Object.fromEntries(variables.map(({ name: variable }) => [variable, "…"])),
  });
  const curl = `curl ${endpoint} \\
  -H 'authorization: Bearer trib_live_…' \\
  -H 'content-type: application/json' \\
  -d '${example}'`;
  const rows = variables
    .map(
      ({ name: variable, type: of }) =>
        `<tr><td><code>${escapeHtml(variable)}</code></td><td><code>${escapeHtml(of)}</code></td></tr>`,
    )
    .join("");
  return `<section id="${escapeHtml(`${partner}-${name}`)}">
<h2>${escapeHtml(name)}</h2>
<table>
<tr><th>Kind</th><td>${type}</td></tr>
<tr><th>Partner</th><td>${escapeHtml(partner)}</td></tr>
${rest ? `<tr><th>Path</th><td><code>${escapeHtml(`${rest.method} ${origin}/partner/v1${rest.path}`)}</code></td></tr>` : ""}
<tr><th>Id</th><td><code>${escapeHtml(id)}</code></td></tr>
</table>
${rows === "" ? "<p>It has no variables.</p>" : `<table><tr><th>Variable</th><th>Type</th></tr>${rows}</table>`}
<pre>${escapeHtml(body)}</pre>
<pre>${escapeHtml(curl)}</pre>
</section>`;
}

const variablesOf = (body: string) =>
  parse(body).definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION
      ? (node.variableDefinitions ?? []).map((variable) => ({
          name: variable.variable.name.value,
          type: print(variable.type),
        }))
      : [],
  );
