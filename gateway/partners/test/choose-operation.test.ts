import { createHash } from "node:crypto";
import { choosePartnerOperation, isPartnerRefusal } from "../choose-operation";
import { canonicalId } from "../operation-id";
import { buildSnapshot } from "../registry/build-snapshot";
import type { RegistryRow } from "../registry/registry-store";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const QUERY = "query GetThing($id: ID!) { thing(id: $id) { id } }";
const MUTATION = "mutation Do { do }";
const row = (partner: string, name: string, body: string, more: Partial<RegistryRow> = {}): RegistryRow => ({
  partner,
  version: 1,
  state: "active",
  publishedAt: new Date("2027-01-01"),
  deprecatedAt: null,
  sunsetAt: null,
  retiredAt: null,
  id: `sha256:${sha256(body)}`,
  name,
  type: body.startsWith("mutation") ? "mutation" : "query",
  body,
  restMethod: null,
  restPath: null,
  ...more,
});
const OLD = "query GetThing { thing(id: 1) { id } }";
const registry = buildSnapshot(
  {
    revision: "1",
    rows: [
      row("acme", "GetThing", QUERY),
      row("acme", "Do", MUTATION),
      row("acme", "GetThing", OLD, { state: "retired", retiredAt: new Date("2027-02-03"), body: null, id: "old~1" }),
      row("other", "GetThing", QUERY, { id: "custom~1" }),
    ],
    deprecations: [],
  },
  { now: Date.parse("2027-03-01"), onDamaged: (_, reason) => expect(reason).toBe("") },
);
const hash = sha256(QUERY);
const choose = (parameters: unknown, method: "GET" | "POST" = "POST", partner = "acme") =>
  choosePartnerOperation(registry, partner, method, parameters);
const refusalOf = (...args: Parameters<typeof choose>) => {
  const chosen = choose(...args);
  if (!isPartnerRefusal(chosen)) throw new Error(`${chosen.operation.name} was chosen`);
  return [chosen.status, chosen.code];
};

test.each([
  ["Apollo Client", { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }],
  ["graphql-codegen through Apollo", { extensions: { persistedQuery: { sha256Hash: `sha256:${hash}` } } }],
  ["GraphQL over HTTP", { documentId: `sha256:${hash}` }],
  ["the plain hash in capitals", { documentId: hash.toUpperCase() }],
  ["Relay", { doc_id: hash }],
  ["Relay, older", { docId: hash }],
  ["Facebook's old style", { id: hash }],
  ["Relay's example", { queryId: hash }],
])("accepts the id as %s spells it", (_client, parameters) => {
  expect(choose({ ...parameters, variables: { id: "1" } })).toMatchObject({
    operation: { name: "GetThing", body: QUERY },
    variables: { id: "1" },
  });
});

test("free text, no id, both, and unknown ids are refused with the codes that clients know", () => {
  expect(refusalOf({ query: QUERY })).toEqual([403, "QUERY_NOT_IN_SAFELIST"]);
  expect(refusalOf({})).toEqual([400, "PERSISTED_QUERY_ID_REQUIRED"]);
  expect(refusalOf({ documentId: hash, query: QUERY })).toEqual([400, "CANNOT_SEND_PQ_ID_AND_BODY"]);
  expect(refusalOf({ documentId: "0".repeat(64) })).toEqual([404, "PERSISTED_QUERY_NOT_IN_LIST"]);
  expect(refusalOf({ documentId: "../../etc/passwd" })).toEqual([404, "PERSISTED_QUERY_NOT_IN_LIST"]);
  expect(refusalOf({ documentId: "x".repeat(10_000) })).toEqual([404, "PERSISTED_QUERY_NOT_IN_LIST"]);
});

test("no refusal contains the words that make Apollo Client and urql send the whole text", () => {
  const refused = [
    { query: QUERY },
    {},
    { documentId: hash, query: QUERY },
    { documentId: "nope" },
    { documentId: "old~1" },
  ];
  for (const parameters of refused) {
    expect(JSON.stringify(choose(parameters))).not.toMatch(
      /PersistedQueryNot(Found|Supported)|PERSISTED_QUERY_NOT_(FOUND|SUPPORTED)/,
    );
  }
});

test("a partner cannot run another partner's operation", () => {
  expect(refusalOf({ documentId: "custom~1" })).toEqual([404, "PERSISTED_QUERY_NOT_IN_LIST"]);
  expect(choose({ documentId: "custom~1" }, "POST", "other")).toMatchObject({ operation: { name: "GetThing" } });
  expect(refusalOf({ documentId: hash }, "POST", "constructor")).toEqual([404, "PERSISTED_QUERY_NOT_IN_LIST"]);
});

test("mutations are not sent by GET, lists and other shapes are bad requests", () => {
  expect(refusalOf({ documentId: sha256(MUTATION) }, "GET")).toEqual([405, "METHOD_NOT_ALLOWED"]);
  for (const bad of [[{ documentId: hash }], null, "text", 7]) expect(refusalOf(bad)).toEqual([400, "BAD_REQUEST"]);
  expect(refusalOf({ documentId: hash, variables: [] })).toEqual([400, "BAD_REQUEST"]);
  expect(refusalOf({ documentId: hash, operationName: "Other" })).toEqual([400, "BAD_REQUEST"]);
});

test("prototype keys are no parameters", () => {
  const parameters = JSON.parse(
    `{"__proto__": {"documentId": "${hash}"}, "extensions": {"__proto__": {"persistedQuery": {"sha256Hash": "${hash}"}}}}`,
  ) as unknown;
  expect(refusalOf(parameters)).toEqual([400, "PERSISTED_QUERY_ID_REQUIRED"]);
  expect(canonicalId("__proto__")).toBe("__proto__");
  expect(refusalOf({ documentId: "__proto__" })).toEqual([404, "PERSISTED_QUERY_NOT_IN_LIST"]);
});

test("an operation that was retired is told from one that never was, to its own partner", () => {
  expect(choose({ documentId: "old~1" })).toMatchObject({
    status: 410,
    code: "OPERATION_RETIRED",
    message: "The operation GetThing was retired on 2027-02-03; there is a newer version of it.",
    details: { successor: "GetThing" },
  });
  expect(refusalOf({ documentId: "old~1" }, "POST", "other")).toEqual([404, "PERSISTED_QUERY_NOT_IN_LIST"]);
});
