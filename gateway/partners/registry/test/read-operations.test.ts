import { createHash } from "node:crypto";
import { checkSet } from "../check-set";
import { describeProblem } from "../draft-operation";
import { readOperations } from "../read-operations";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const GET = "query Get($id: ID!) { thing(id: $id) { id } }";
const DO = "mutation Do { do }";

const read = (given: unknown, partner?: string) =>
  readOperations(typeof given === "string" ? given : JSON.stringify(given), { partner });
const manifest = (...operations: object[]) => ({ format: "apollo-persisted-query-manifest", version: 1, operations });
const sentences = (given: unknown, partner?: string) => {
  const { operations, problems } = read(given, partner);
  return [...problems, ...checkSet(operations)].map(describeProblem);
};

describe("a file of operations", () => {
  const apollo = manifest(
    { id: sha256(GET), name: "Get", type: "query", body: GET, clientName: "acme" },
    {
      id: sha256(DO),
      name: "Do",
      type: "mutation",
      body: DO,
      clientName: "globex",
      rest: { method: "POST", path: "/do" },
    },
  );

  it("is a manifest as Apollo writes it, with partners as clients", () => {
    expect(read(apollo)).toMatchObject({
      problems: [],
      operations: [
        { partner: "acme", name: "Get", id: `sha256:${sha256(GET)}`, body: GET, rest: undefined },
        { partner: "globex", name: "Do", type: "mutation", rest: { method: "POST", path: "/do" } },
      ],
    });
    expect(read(apollo, "globex").operations.map(({ name }) => name)).toEqual(["Do"]);
  });

  it.each([
    ["graphql-codegen's map", { [`sha256:${sha256(GET)}`]: GET }],
    ["a map with plain hashes", { [sha256(GET)]: GET }],
    ["Relay's pairs", [[sha256(GET), GET]]],
  ])("is %s, for the partner who is named", (_what, given) => {
    expect(read(given, "acme")).toMatchObject({
      problems: [],
      operations: [{ partner: "acme", name: "Get", type: "query", id: `sha256:${sha256(GET)}`, body: GET }],
    });
    expect(sentences(given)).toEqual([expect.stringContaining("name the partner")]);
  });

  it("keeps ids that are no hashes", () => {
    expect(read({ "app~1.0~Get": GET }, "acme").operations).toMatchObject([{ id: "app~1.0~Get" }]);
  });

  it("may say in a text where it is found; that is taken out, and the id may be the hash of either text", () => {
    const text = 'query Get($id: ID!) @rest(path: "/things/{id}") {\n  thing(id: $id) {\n    id\n  }\n}';
    const registered = text.replace(' @rest(path: "/things/{id}")', "");
    for (const id of [sha256(text), sha256(registered)]) {
      expect(read({ [id]: text }, "acme")).toMatchObject({
        problems: [],
        operations: [{ id: `sha256:${id}`, body: registered, rest: { method: "GET", path: "/things/{id}" } }],
      });
    }
  });
});

test("everything that is wrong is said at once, with operation and place", () => {
  const one = (name: string, body: string, more: object = {}) => ({
    id: `id-${name}`,
    name,
    type: "query",
    body,
    clientName: "acme",
    ...more,
  });
  expect(
    sentences(
      manifest(
        one("Syntax", "query Syntax {\n  a(\n}"),
        one("Hash", GET.replace("Get", "Hash"), { id: "0".repeat(64) }),
        one("Odd", "query Odd { a }", { id: "../etc" }),
        one("Two", "query Two { a } query Three { a }"),
        one("Nameless", "{ a }"),
        one("Named", "query Other { a }"),
        one("Twice", "query Twice { a }"),
        one("Twice", "query Twice { b }", { id: "another" }),
        one("Same", "query Same { a }", { id: "id-Twice" }),
        one("Path", "query Path($id: ID!) { a }", { rest: { method: "GET", path: "/a/{id}" } }),
        one("Path2", "query Path2($key: ID!) { a }", { rest: { method: "GET", path: "/a/{key}" } }),
        one("Posted", "query Posted { a }", { rest: { method: "POST", path: "/posted" } }),
        one("Where", 'query Where @rest(path: 7) { a @rest(path: "/x") }'),
      ),
    ),
  ).toEqual([
    'acme, Syntax, line 3, column 1: it is not GraphQL: Syntax Error: Expected Name, found "}".',
    "acme, Hash: its id is not the hash of its text",
    "acme, Odd: its id cannot be used: a SHA-256, or letters, digits and . _ ~ -",
    "acme, Two: its text must hold exactly one operation, with a name",
    "acme, Nameless: its text must hold exactly one operation, with a name",
    "acme, Other: the file calls it query Named, and its text query Other",
    "acme, Where: @rest belongs on an operation",
    'acme, Where: @rest has one argument: (path: "/…")',
    "acme, Twice: another operation has the same name",
    "acme, Same: Twice has the same id",
    'acme, Path2: Path and it cannot be told apart: the paths "/a/{id}" and "/a/{key}" are the same',
    "acme, Posted: a query is called by GET, not by POST",
  ]);
});

test.each([
  ["text that is not JSON", "{", "the file is not JSON"],
  ["another format", { format: "relay", version: 1, operations: [] }, "the file is no Apollo manifest of version 1"],
  ["a number", 7, "the file is neither"],
  ["a list of something else", [["a"]], "the file is neither"],
])("%s is no file of operations", (_what, given, sentence) => {
  expect(sentences(given, "acme")).toEqual([expect.stringContaining(sentence)]);
});

test("two partners may have operations of the same name, id and path", () => {
  const one = (clientName: string) => ({
    id: sha256(GET),
    name: "Get",
    type: "query",
    body: GET,
    clientName,
    rest: { method: "GET", path: "/things/{id}" },
  });
  expect(sentences(manifest(one("acme"), one("globex")))).toEqual([]);
});
