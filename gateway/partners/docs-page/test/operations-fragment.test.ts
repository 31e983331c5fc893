import { execFileSync } from "node:child_process";
import { buildSchema } from "graphql";
import type { RegisteredOperation } from "../../registry/operation-registry";
import { createRestOperation } from "../../rest/rest-operation";
import type { RestEntry } from "../../rest/create-rest-catalogue";
import { callExamples } from "../call-examples";
import { operationsFragment } from "../operations-fragment";
import { typeOutline } from "../type-outline";
import { registeredOperation } from "../../test/registered-operation";

const schema = buildSchema(`
  enum Status { OPEN DONE }
  input NoteInput { "What it says." text: String! status: Status! more: String pages: [PageInput!]! }
  input PageInput { number: Int! }
  "Not <b>escaped</b>?"
  type Order { id: ID! status: Status! note: String lines: [Line!]! }
  type Line { quantity: Int! }
  type Gone { at: String! }
  union Found = Order | Gone
  type Query {
    "One order & <script>alert(1)</script>."
    order("The order's id." id: ID!, after: String): Order
    find: [Found!]!
  }
  type Mutation { note(id: ID!, input: NoteInput!): Order! }
`);
const QUERY =
  "query GetOrder($id: ID!, $after: String) { order(id: $id, after: $after) { id status note lines { quantity } } }";
const MUTATION = "mutation Note($id: ID!, $input: NoteInput!) { note(id: $id, input: $input) { id } }";

const operation = (body: string, more: Partial<RegisteredOperation> = {}) => {
  const made = registeredOperation(body);
  const rest = { method: made.type === "query" ? "GET" : "POST", path: `/things/{id}` } as const;
  return { ...made, id: `sha256:${"ab".repeat(32)}`, rest, ...more };
};
const entry = (of: RegisteredOperation): RestEntry => {
  const segments = [{ literal: "things" }, { variable: "id" }];
  const binding = of.rest!;
  return { operation: of, binding, segments, rest: createRestOperation(schema, of, binding, segments) };
};

/** The texts of the tabs. */
const callExamplesOf = (body: string): [string, ...string[]] => {
  const html = operationsFragment("http://here", schema, [entry(operation(body))]);
  const texts = [...html.matchAll(/<div role="tabpanel".*?<code>(.*?)<\/code>/gs)].map(([, text = ""]) =>
    text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
  );
  return texts as [string, ...string[]];
};

describe("the operations on the documentation page", () => {
  it("have their path, parameters, types, document and id, with everything escaped", () => {
    const html = operationsFragment("http://here", schema, [entry(operation(QUERY))]);
    for (const text of [
      "GetOrder",
      "/partner/v1/things/<em>{id}</em>",
      "The order&#39;s id.",
      "ID!",
      "ab".repeat(32),
      "One order &#38; &#60;script&#62;",
    ])
      expect(html).toContain(text);
    expect(html).toContain("status: &#34;OPEN&#34; | &#34;DONE&#34;");
    expect(html).not.toContain("<script>");
    expect(html).not.toContain("Idempotency-Key");
  });

  it("have examples that fit: of input objects what is required, in each list one", () => {
    const [curl] = callExamplesOf(MUTATION);
    const [, body = ""] = /-d '(.*)'/.exec(curl) ?? [];
    expect(JSON.parse(body)).toEqual({
      input: { text: expect.any(String) as string, status: "OPEN", pages: [{ number: expect.any(Number) as number }] },
    });
    const many =
      "mutation Notes($id: ID!, $pages: [PageInput!]!, $text: String!) { note(id: $id, input: { text: $text, status: OPEN, pages: $pages }) { id } }";
    const [, pages = ""] = /-d '(.*)'/.exec(callExamplesOf(many)[0]) ?? [];
    expect(JSON.parse(pages)).toMatchObject({ pages: [{ number: expect.any(Number) as number }] });
    // What a field of an input object means is said of the variable that goes into it.
    expect(operationsFragment("http://here", schema, [entry(operation(many))])).toContain("What it says.");
  });

  it("that change something ask for an idempotency key", () => {
    expect(operationsFragment("http://here", schema, [entry(operation(MUTATION))])).toContain('name="idempotency-key"');
  });

  it("say that they go away, and what to use in their place", () => {
    const deprecated = operation(QUERY, {
      state: "deprecated",
      sunset: new Date("2027-01-01"),
      successor: "GetOrder2",
    });
    expect(operationsFragment("http://here", schema, [entry(deprecated)])).toMatch(
      /deprecated until 2027-01-01; use <a href="#op-GetOrder2">/,
    );
  });

  it("that webhooks deliver have their document and id, and nothing to call", () => {
    const updates = operation("subscription Updates { orders { id } }", { rest: undefined });
    const html = operationsFragment("http://here", schema, [], [updates]);
    for (const text of ["Updates", updates.id, "orders { id }", "#webhooks"]) expect(html).toContain(text);
    expect(html).not.toMatch(/<form|curl/);
  });

  it("are none where none are registered, or none fits the schema", () => {
    expect(operationsFragment("http://here", schema, [])).toContain("No operation is registered");
    expect(operationsFragment("http://here", schema, [{ ...entry(operation(QUERY)), rest: undefined }])).toContain(
      "No operation is registered",
    );
  });

  it("have examples that a shell reads as one command each, whatever is in their values", () => {
    const values = { id: "it's $HOME `id`", input: { text: "a'b" } };
    const of = operation(MUTATION);
    for (const { label, text } of callExamples("http://here", of, of.rest!, values)) {
      if (!text.startsWith("curl")) continue;
      const shell = `curl() { printf '%s\\n' "$@"; }; uuidgen() { echo a-key; }; ${text}`;
      const told = execFileSync("sh", ["-c", shell], { encoding: "utf8" }).trimEnd().split("\n");
      expect(told).toContain("idempotency-key: a-key");
      const body = JSON.parse(told.at(-1)!) as object;
      expect([label, body]).toEqual([
        label,
        label === "curl" ? { input: values.input } : { documentId: of.id, variables: values },
      ]);
    }
  });

  it("outline unions, lists, and what may be missing", () => {
    const components = { Big: { enum: Array.from({ length: 20 }, (_, i) => `V${i}`) } };
    expect(typeOutline({ type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } }, components)).toBe(
      "(string | null)[]",
    );
    expect(
      typeOutline(
        { type: "object", properties: { a: { type: ["integer", "null"] }, b: {} }, required: ["a"] },
        components,
      ),
    ).toBe("{\n  a: number | null\n  b?: any\n}");
    expect(typeOutline({ $ref: "#/components/schemas/Big" }, components)).toMatch(/^"V0" \| .* \| …$/);
  });
});
