import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { compose, federationLink } from "../../test/harness/compose";
import { loadInThread } from "../../test/harness/load-in-thread";
import { loadSupergraph } from "../../supergraph/load-supergraph";
import { ExplainError } from "../explain-error";
import type { ExplainedOperation } from "../explain-operation";
import { runExplain } from "../run-explain";

const TS_WORKER = path.join(__dirname, "../../test/harness/ts-worker.cjs");

const CATALOG = `${federationLink('["@key", "@cost", "@listSize", "@shareable"]')}
  type Query {
    product(id: ID!): Product
    products(first: Int!): [Product!]! @listSize(slicingArguments: ["first"])
    node: Node
  }
  type Mutation { first: Product second: Product }
  interface Node { id: ID! }
  type Product implements Node @key(fields: "id") { id: ID! name: String price: Int @cost(weight: 3) maker: Maker related: [Product!] }
  type Maker @key(fields: "id") { id: ID! }
`;
const REVIEWS = `${federationLink('["@key", "@authenticated", "@requiresScopes", "@policy", "@override", "@shareable"]')}
  type Query { latest: Secret }
  type Product @key(fields: "id") {
    id: ID!
    reviews: [Review!] @authenticated
    rating: Float @requiresScopes(scopes: [["a", "b"], ["c"]])
    name: String @override(from: "catalog", label: "new-names")
  }
  type Maker @key(fields: "id") { id: ID! name: String @policy(policies: [["staff"]]) }
  type Secret implements Node @authenticated { id: ID! }
  interface Node { id: ID! }
  type Review { stars: Int! }
`;

// Processes and threads that compile TypeScript start slowly on a busy machine.
jest.setTimeout(60_000);

const folder = mkdtempSync(path.join(os.tmpdir(), "tributary-explain-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const supergraph = write(
  "supergraph.graphql",
  compose([
    { name: "catalog", url: "http://catalog.example", sdl: CATALOG },
    { name: "reviews", url: "http://reviews.example", sdl: REVIEWS },
  ]),
);

const explain = (file: string, argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  runExplain({ argv: [file, "--supergraph", supergraph, ...argv], env, load: async (sdl) => loadInThread(sdl) });

async function explainText(text: string, argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const json = await explain(write("operation.graphql", text), [...argv, "--json"], env);
  return JSON.parse(json) as ExplainedOperation;
}

async function problems(file: string, argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const error = await explain(file, argv, env).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ExplainError);
  return (error as ExplainError).problems;
}

describe("explaining an operation", () => {
  it("prints plan, calls, cost, rules, limits and labels", async () => {
    const file = write(
      "product.graphql",
      `query Product($id: ID!, $all: Boolean = true) {
         product(id: $id) { id price reviews @include(if: $all) { stars } rating maker { name } related { rating } }
       }`,
    );
    const text = await explain(file, [], { MAX_COST: "20", MAX_DEPTH: "4" });
    expect(text.split("\n\n").map((section) => section.split("\n")[0])).toEqual([
      expect.stringMatching(/^query Product, on supergraph [0-9a-f]{16}$/),
      "Query plan",
      "Calls: 2 at 2 levels",
      "Cost: 25 (limit 20, REFUSED; lists of unknown length count 10)",
      "Access rules (mode filter)",
      "Limits",
      "Override labels",
      "Conditions",
    ]);
    expect(text).toContain('Fetch(service: "catalog")');
    expect(text).toContain(
      [
        "  #1  level 1  catalog  query: product",
        "  #2  level 2  reviews  entities at product, product.maker, product.related.@  after #1",
      ].join("\n"),
    );
    expect(text).toContain(
      [
        "  product.reviews         signed in",
        "  product.rating          scopes a and b, or c",
        "  product.maker.name      policy staff",
        "  product.related.rating  scopes a and b, or c",
      ].join("\n"),
    );
    expect(text).toMatch(/^ {2}depth +3 {2}of 4$/m);
    expect(text).toMatch(/^ {2}new-names {2}does not hold$/m);
    expect(text).toMatch(/^ {2}\$all {2}true$/m);
    expect(text).not.toMatch(/[ \t]$/m);
  });

  it("values of variables decide conditions and cost", async () => {
    const text = `query ($n: Int!, $all: Boolean!) { products(first: $n) { id reviews @include(if: $all) { stars } } }`;
    const some = await explainText(text, ["--variables", '{ "n": 7, "all": false }']);
    expect([some.cost.value, some.calls.length, some.conditions, some.guarded.length]).toEqual([
      7,
      1,
      { all: false },
      1,
    ]);
    const all = await explainText(text, ["--variables", '{ "n": 7, "all": true }']);
    expect([all.cost.value, all.calls.length, all.conditions]).toEqual([77, 2, { all: true }]);
  });

  it("a cost that variables decide is not known without them, and the rest is", async () => {
    const { cost, calls } = await explainText(`query ($n: Int!) { products(first: $n) { id } }`);
    expect(cost).toEqual({ reason: 'The field "products" needs one of the arguments "first".', listSize: 10 });
    expect(calls).toHaveLength(1);
  });

  it("labels that the configuration switches on are planned with", async () => {
    const text = "{ product(id: 1) { name } }";
    const subgraphs = ({ calls }: ExplainedOperation) => calls.map(({ subgraph }) => subgraph);
    const off = await explainText(text);
    expect([subgraphs(off), off.overrideLabels]).toEqual([["catalog"], [{ label: "new-names", holds: false }]]);
    const on = await explainText(text, [], { OVERRIDE_LABELS: "new-names" });
    expect([subgraphs(on), on.overrideLabels]).toEqual([["catalog", "reviews"], [{ label: "new-names", holds: true }]]);
  });

  it("types behind an interface that demand something are named", async () => {
    const { guarded } = await explainText("{ node { __typename } }");
    expect(guarded).toEqual([{ path: "node", demands: ["signed in"], onlyObjectsOf: "Secret" }]);
  });

  it("mutations come one after the other, and fragments and deferred parts have their place", async () => {
    const mutation = await explainText("mutation { first { id } second { reviews { stars } } }");
    expect(mutation.calls.map(({ level, kind, rootFields, after }) => [level, kind, rootFields, after])).toEqual([
      [1, "mutation", ["first", "second"], []],
      [2, "query", [], [1]],
    ]);
    const deferred = await explainText("{ product(id: 1) { id ... @defer { reviews { stars } } } }");
    expect(deferred.calls.map(({ isDeferred }) => isDeferred)).toEqual([false, true]);
    const root = await explainText("{ product(id: 1) { id } ... @defer { latest { id } } }");
    expect(root.calls.map(({ isDeferred, rootFields, entities }) => [isDeferred, rootFields, entities])).toEqual([
      [false, ["product"], []],
      [true, ["latest"], []],
    ]);
  });

  it("plans in a thread within the limits of a gateway, and ends it", async () => {
    const file = write("many.graphql", "{ node { id } product(id: 1) { id name related { reviews { stars } } } }");
    const argv = [file, "--supergraph", supergraph];
    const load: typeof loadSupergraph = (sdl, urls, options) =>
      loadSupergraph(sdl, urls, { ...options, execArgv: ["--require", TS_WORKER] });
    expect(await runExplain({ argv, env: {}, load })).toContain("Calls: 2 at 2 levels");
    await expect(runExplain({ argv, env: { MAX_PLAN_PATHS: "1" }, load })).rejects.toThrow(
      `${file} is refused: The operation exceeds the limit of 1 ways to fetch a field.`,
    );
  });

  it("chooses among several operations by name", async () => {
    const { name } = await explainText("query A { product(id: 1) { id } } query B { node { id } }", [
      "--operation",
      "B",
    ]);
    expect(name).toBe("B");
  });
});

describe("what cannot be explained is told in one sentence", () => {
  const VALID = "{ product(id: 1) { id } }";

  it.each([
    ["no GraphQL", "{ product(", [], /^FILE is not GraphQL: Syntax Error: .* \(line 1, column 11\)$/],
    [
      "an unknown field",
      "{ produkt { id } }",
      [],
      /^FILE does not fit the graph: Cannot query field "produkt".* \(line 1, column 3\)$/,
    ],
    [
      "two operations",
      "query A { __typename } query B { __typename }",
      [],
      /^FILE has the operations A, B: choose one with --operation NAME\.$/,
    ],
    [
      "an unknown operation",
      "query A { __typename }",
      ["--operation", "C"],
      /^FILE has the operations A, and none called "C"\.$/,
    ],
    [
      "variables that do not fit",
      "query ($id: ID!) { product(id: $id) { id } }",
      ["--variables", "{}"],
      /^The variables do not fit: Variable "\$id"/,
    ],
    ["variables that are no object", VALID, ["--variables", "[1]"], /^--variables must be a JSON object/],
    ["variables that are no JSON", VALID, ["--variables", "{id:1}"], /^--variables must be a JSON object/],
    ["an unknown option", VALID, ["--fast"], /^"--fast" is not an option\. Usage: npm run explain/],
    ["an option without a value", VALID, ["--operation"], /^--operation needs a value\.$/],
    ["two files", VALID, ["other.graphql"], /^Name one file, not 2\.$/],
    [
      "a supergraph that is not there",
      VALID,
      ["--supergraph", "gone.graphql"],
      /^The supergraph file gone\.graphql cannot be read \(ENOENT\)\.$/,
    ],
  ])("%s", async (_, text, argv, sentence) => {
    const file = write("wrong.graphql", text);
    const found = await problems(file, argv);
    expect(found).toHaveLength(1);
    expect(found[0]?.replace(file, "FILE")).toMatch(sentence);
  });

  it("a document beyond the limits", async () => {
    const file = write("deep.graphql", "{ product(id: 1) { related { related { id } } } }");
    expect(await problems(file, [], { MAX_DEPTH: "3" })).toEqual([
      `${file} is refused: The operation exceeds the limit of 3 depth.`,
    ]);
  });

  it("a document without an operation fits no graph", async () => {
    const found = await problems(write("fragment.graphql", "fragment F on Product { id }"));
    expect(found).toHaveLength(1);
  });

  it("a file that is not there, on the command line: exit code 1 and nothing printed but the sentence", async () => {
    const command = path.join(__dirname, "../../explain.ts");
    const child = promisify(execFile)(process.execPath, ["--require", TS_WORKER, command, "gone.graphql"], {
      cwd: folder,
      env: { PATH: process.env["PATH"] },
    });
    await expect(child).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: "The file gone.graphql cannot be read (ENOENT).\n",
    });
  });
});
