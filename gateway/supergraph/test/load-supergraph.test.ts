import path from "node:path";
import { parse } from "graphql";
import { DEFAULT_PLAN_LIMITS } from "../../planning/plan-limits";
import { compose, federationLink } from "../../test/harness/compose";
import { type LoadedSupergraph, loadSupergraph } from "../load-supergraph";
import { featuresBeyondStock, requireStockFeatures } from "../runtime-view";
import { requireKnownSubgraphs } from "../subgraph-addresses";
import { SupergraphError } from "../supergraph-error";

// Threads that compile TypeScript start slowly on a busy machine.
jest.setTimeout(60_000);

const url = "http://a.example/graphql";

const SHOP = compose([
  {
    name: "a",
    url,
    sdl: `${federationLink('["@authenticated", "@inaccessible", "@tag", "@cost"]')}
      """The root"""
      type Query {
        open(first: Int = 3): Int @cost(weight: 3)
        secret: Int @authenticated
        hidden: Int @inaccessible @tag(name: "t")
        old: Date @deprecated(reason: "It is old.")
      }
      scalar Date @specifiedBy(url: "https://dates.example")
      enum Size { SMALL @deprecated LARGE }`,
  },
]);

const CONTEXTS = compose([
  {
    name: "a",
    url,
    sdl: `${federationLink('["@key", "@context", "@fromContext"]')}
      type Query { t: T! }
      type T @key(fields: "id") @context(name: "ctx") { id: ID! u: U! prop: String! }
      type U @key(fields: "id") { id: ID! field(a: String @fromContext(field: "$ctx { prop }")): Int! }`,
  },
  { name: "b", url, sdl: `${federationLink('["@key"]')} type Query { a: Int } type U @key(fields: "id") { id: ID! }` },
]);

const loaded: LoadedSupergraph[] = [];
afterEach(async () => {
  for (const supergraph of loaded.splice(0)) await supergraph.close();
});

async function load(sdl: string, urls: ReadonlyMap<string, string> = new Map()) {
  const execArgv = ["--require", path.join(__dirname, "../../test/harness/ts-worker.cjs")];
  const supergraph = await loadSupergraph(sdl, urls, { limits: DEFAULT_PLAN_LIMITS, execArgv });
  loaded.push(supergraph);
  return supergraph;
}

const reasonFor = (sdl: string) =>
  load(sdl).then(
    () => {
      throw new Error("it was loaded");
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(SupergraphError);
      return (error as Error).message;
    },
  );

describe("loading a supergraph", () => {
  it("gives it in all the forms its readers need", async () => {
    const supergraph = await load(SHOP);
    expect(supergraph.fullSdl).toBe(SHOP);
    expect(supergraph.version).toMatch(/^[0-9a-f]{16}$/);
    expect(supergraph.fullDocument).toEqual(parse(SHOP, { noLocation: true }));
    expect(supergraph.runtimeSdl).toContain('@link(url: "https://specs.apollo.dev/authenticated/v0.1")');
    expect(supergraph.subgraphs).toEqual([{ name: "a", url }]);
    expect(supergraph.overrideLabels).toEqual([]);
    const plan = await supergraph.planner.plan({ document: "{ open }", overrideLabels: [] });
    expect(plan.node).toMatchObject({ kind: "Fetch", serviceName: "a" });
  });

  it("shows clients what is theirs, with descriptions, defaults and deprecations", async () => {
    const { apiSchema, apiSdl } = await load(SHOP);
    const fields = apiSchema.getQueryType()?.getFields() ?? {};
    expect(Object.keys(fields)).toEqual(["open", "secret", "old"]);
    expect(apiSchema.getQueryType()?.description).toBe("The root");
    expect(fields["open"]?.args).toMatchObject([{ name: "first", defaultValue: 3 }]);
    expect(fields["old"]).toMatchObject({ deprecationReason: "It is old." });
    expect(apiSchema.getType("Date")).toMatchObject({ specifiedByURL: "https://dates.example" });
    expect(apiSchema.getDirectives().map(({ name }) => name)).toEqual(
      expect.arrayContaining(["skip", "include", "defer", "deprecated", "specifiedBy"]),
    );
    expect(apiSdl).not.toMatch(/join__|@authenticated|@cost|hidden/);
  });

  it("another text has another version", async () => {
    const [one, other] = await Promise.all([load(SHOP), load(`${SHOP}\n`)]);
    expect(one.version).not.toBe(other.version);
  });

  it("subgraphs can be elsewhere than the supergraph says", async () => {
    const { subgraphs } = await load(SHOP, new Map([["a", "http://elsewhere:1/graphql"]]));
    expect(subgraphs).toEqual([{ name: "a", url: "http://elsewhere:1/graphql" }]);
  });

  it("@context is planned", async () => {
    const { planner } = await load(CONTEXTS);
    const plan = await planner.plan({ document: "{ t { u { field } } }", overrideLabels: [] });
    expect(JSON.stringify(plan)).toContain('"contextRewrites":[{');
  });

  it.each([
    ["nothing", "", "The supergraph is not GraphQL at line 1, column 1 (Unexpected <EOF>)."],
    [
      "no GraphQL",
      "type Query {\n  a: Int\n  b Int\n}",
      'The supergraph is not GraphQL at line 3, column 5 (Expected ":", found Name "Int"): b Int',
    ],
    ["a schema that is no supergraph", "type Query { a: Int }", "Invalid supergraph: must be a core schema"],
    [
      "a subgraph at no http URL",
      SHOP.replace(url, "file:///etc/passwd"),
      'The subgraph "a" has no http or https URL in the supergraph.',
    ],
    ["a subgraph without a URL", SHOP.replace(url, ""), 'The subgraph "a" has no http or https URL in the supergraph.'],
    [
      "connectors",
      SHOP.replace("schema\n", 'schema @link(url: "https://specs.apollo.dev/connect/v0.2", for: EXECUTION)\n'),
      "The supergraph uses @connect (REST connectors), which this gateway does not execute.",
    ],
  ])("%s is refused with one reason", async (_what, sdl, reason) => {
    expect(await reasonFor(sdl)).toBe(reason);
  });

  it("a feature nobody knows, which its author marked as security, is refused by its name", async () => {
    const sdl = SHOP.replace("schema\n", 'schema @link(url: "https://example.com/vault/v1.0", for: SECURITY)\n');
    expect(await reasonFor(sdl)).toContain("https://example.com/vault/v1.0");
  });

  it("closing ends planning and nothing else", async () => {
    const supergraph = await load(SHOP);
    await supergraph.close();
    await expect(supergraph.planner.plan({ document: "{ open }", overrideLabels: [] })).rejects.toMatchObject({
      code: "SERVICE_UNAVAILABLE",
    });
    expect(supergraph.apiSchema.getQueryType()?.name).toBe("Query");
  });
});

describe("what the stock executor must not execute", () => {
  it("is named", () => {
    expect(featuresBeyondStock(parse(CONTEXTS))).toEqual(["@context and @fromContext"]);
    expect(() => requireStockFeatures(parse(CONTEXTS))).toThrow(
      "The supergraph uses @context and @fromContext, which this gateway does not execute.",
    );
  });

  it("is nothing of an ordinary supergraph", () => {
    expect(featuresBeyondStock(parse(SHOP))).toEqual([]);
    expect(() => requireStockFeatures(parse(SHOP))).not.toThrow();
  });
});

describe("addresses of subgraphs that there are not", () => {
  const subgraphs = [
    { name: "users", url },
    { name: "orders", url },
  ];

  it("are refused by name", () => {
    const urls = new Map([
      ["orders", url],
      ["oders", url],
    ]);
    expect(() => requireKnownSubgraphs(subgraphs, urls)).toThrow(
      new SupergraphError('A URL is given for "oders", but the supergraph\'s subgraphs are "users", "orders".'),
    );
  });

  it("are no concern where every name is known", () => {
    expect(() => requireKnownSubgraphs(subgraphs, new Map([["users", url]]))).not.toThrow();
  });
});
