import type { QueryPlan } from "@apollo/query-planner";
import { loadPlannableGraph } from "../apollo-planner";
import { DEFAULT_PLAN_LIMITS } from "../plan-limits";
import { PlanLimitError } from "../planner";
import {
  chain,
  explosiveGraph,
  INTERFACE_OBJECT_GRAPH,
  interfaceGraph,
  ordinaryGraph,
  ordinaryOperation,
  SHOP_GRAPH,
  tree,
} from "./plan-graphs";

const request = (document: string, overrideLabels: string[] = []) => ({ document, overrideLabels });
const servicesOf = (plan: QueryPlan) =>
  [...JSON.stringify(plan).matchAll(/"serviceName":"(\w+)"/g)].map(([, name]) => name);

/** The refusal, and the processor time it took at best; what the clock says depends on what else the machine does. */
function refusalOf(act: () => unknown): { error: PlanLimitError; ms: number } {
  let error: unknown;
  let ms = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = process.cpuUsage();
    try {
      act();
    } catch (thrown) {
      error = thrown;
    }
    const { user, system } = process.cpuUsage(start);
    ms = Math.min(ms, (user + system) / 1_000);
  }
  if (error instanceof PlanLimitError) return { error, ms };
  throw new Error("it was planned", { cause: error });
}

describe("planning", () => {
  const graph = loadPlannableGraph(SHOP_GRAPH, DEFAULT_PLAN_LIMITS);

  it("tells what the supergraph holds", () => {
    expect(graph.apiSdl).toContain("directive @defer(");
    expect(graph.apiSdl).not.toContain("join__");
    expect(graph.subgraphs).toEqual([
      { name: "catalog", url: "http://catalog.example/graphql" },
      { name: "reviews", url: "http://reviews.example/graphql" },
    ]);
    expect(graph.overrideLabels).toEqual(["move", "percent(0)"]);
  });

  it("a field with an override label moves when the label holds, and only then", () => {
    const document = "{ product(id: 1) { name } }";
    expect(servicesOf(graph.plan(request(document)))).toEqual(["catalog"]);
    expect(servicesOf(graph.plan(request(document, ["percent(0)"])))).toEqual(["catalog"]);
    expect(servicesOf(graph.plan(request(document, ["move"])))).toEqual(["catalog", "reviews"]);
    expect(servicesOf(graph.plan(request(document, ["a label of nobody"])))).toEqual(["catalog"]);
  });

  it("one operation of several is planned by its name", () => {
    const document = "query A { product(id: 1) { price } } query B { product(id: 1) { reviews { stars } } }";
    expect(servicesOf(graph.plan({ ...request(document), operationName: "A" }))).toEqual(["catalog"]);
    expect(servicesOf(graph.plan({ ...request(document), operationName: "B" }))).toEqual(["catalog", "reviews"]);
  });

  it("@defer splits the plan", () => {
    const plan = graph.plan(request('{ product(id: 1) { name ... @defer(label: "later") { reviews { stars } } } }'));
    expect(plan.node).toMatchObject({
      kind: "Defer",
      primary: { subselection: "{ product(id: 1) { name } }" },
      deferred: [{ label: "later", node: { kind: "Flatten" } }],
    });
  });

  it("@defer under a condition plans both", () => {
    const document =
      "query ($later: Boolean!) { product(id: 1) { name ... @defer(if: $later) { reviews { stars } } } }";
    expect(graph.plan(request(document)).node).toMatchObject({
      kind: "Condition",
      condition: "later",
      ifClause: { kind: "Defer" },
      elseClause: { kind: "Sequence" },
    });
  });

  it("conditions of @defer that would double the plan again and again are refused", () => {
    const names = Array.from({ length: 12 }, (_, i) => `v${i}`);
    const document = `query (${names.map((name) => `$${name}: Boolean`).join(" ")}) {
      product(id: 1) { name ${names.map((name) => `... @defer(if: $${name}) { reviews { stars } }`).join(" ")} } }`;
    const { error, ms } = refusalOf(() => graph.plan(request(document)));
    expect(error.message).toBe("The operation exceeds the limit of 4 variables in @defer(if:).");
    expect(ms).toBeLessThan(100);
  });

  it("a subscription has the fetch of its event and the rest", () => {
    expect(graph.plan(request("subscription { productChanged { name reviews { stars } } }")).node).toMatchObject({
      kind: "Subscription",
      primary: { serviceName: "catalog", operationKind: "subscription" },
      rest: { kind: "Sequence" },
    });
  });

  it("a subscription with @defer, even in a fragment, is the client's mistake", () => {
    const document = `subscription { productChanged { ...F } } fragment F on Product { id ... @defer { reviews { stars } } }`;
    expect(() => graph.plan(request(document))).toThrow("A subscription cannot use @defer.");
  });

  it.each([
    ["is not GraphQL", "{ product("],
    ["asks for what is not there", "{ nothing }"],
  ])("a document that %s is no matter of limits", (_what, document) => {
    expect(() => graph.plan(request(document))).toThrow(Error);
    expect(() => graph.plan(request(document))).not.toThrow(PlanLimitError);
  });

  it("what is no supergraph is refused at loading", () => {
    expect(() => loadPlannableGraph("type Query { a: Int }", DEFAULT_PLAN_LIMITS)).toThrow("Invalid supergraph");
  });
});

describe("plans that explode", () => {
  const graph = loadPlannableGraph(explosiveGraph(3), DEFAULT_PLAN_LIMITS);

  it.each([
    ["levels that multiply the ways", chain(12)],
    ["thirty of them", chain(29)],
    ["branches at each level", tree(6)],
    [
      "hundreds of branches at one level",
      `{ a { next { next { ${Array.from({ length: 60 }, (_, i) => `x${i}: next { next { f${i % 10} } }`).join(" ")} } } } }`,
    ],
  ])("%s: refused within 100 ms", (_what, document) => {
    const { error, ms } = refusalOf(() => graph.plan(request(document)));
    expect(error).toMatchObject({ code: "OPERATION_LIMIT_EXCEEDED", limit: "ways to fetch a field", max: 150 });
    expect(ms).toBeLessThan(100);
  });

  it("many selections that each stay below the limit are refused by their sum", () => {
    const two = loadPlannableGraph(explosiveGraph(2), DEFAULT_PLAN_LIMITS);
    const leaves = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: f0`).join(" ");
    const document = (count: number) => chain(4).replace("f0", leaves(count));
    expect(() => two.plan(request(document(1)))).not.toThrow();
    const { error } = refusalOf(() => two.plan(request(document(100))));
    expect(error).toMatchObject({ limit: "ways to fetch a field", max: 150 });
  });

  it("ordinary operations on the same graph are planned after it", () => {
    refusalOf(() => graph.plan(request(chain(12))));
    expect(new Set(servicesOf(graph.plan(request("{ a { f0 f1 next { f2 f3 } } }")))).size).toBe(3);
  });

  it("a field of an interface with seven object types, each in two subgraphs, is no explosion", () => {
    const interfaces = loadPlannableGraph(interfaceGraph(7), DEFAULT_PLAN_LIMITS);
    expect(servicesOf(interfaces.plan(request("{ thing { size } }")))).toEqual(["root", "size0"]);
  });

  it("interface objects inside of each other are no explosion, however deep", () => {
    const media = loadPlannableGraph(INTERFACE_OBJECT_GRAPH, DEFAULT_PLAN_LIMITS);
    const nested = (depth: number) => `{ top { ${"next { ".repeat(depth)}plays${" }".repeat(depth)} } }`;
    expect(servicesOf(media.plan(request(nested(2))))).toEqual(["charts", "links", "charts"]);
    expect(servicesOf(media.plan(request(nested(8))))).toEqual(["charts", "links", "charts"]);
  });

  it("the limit can be set", () => {
    expect(() =>
      loadPlannableGraph(explosiveGraph(3), { maxPlanPaths: 8, maxEvaluatedPlans: 1 }).plan(request(chain(2))),
    ).toThrow("The operation exceeds the limit of 8 ways to fetch a field.");
    expect(() => graph.plan(request(chain(2)))).not.toThrow();
  });

  it.each([
    [4, 5],
    [10, 3],
  ])("an ordinary operation over %i subgraphs with hundreds of fields is far from the limit", (subgraphs, depth) => {
    const ordinary = loadPlannableGraph(ordinaryGraph(subgraphs, 8), { maxPlanPaths: 100, maxEvaluatedPlans: 10 });
    const plan = ordinary.plan(request(ordinaryOperation(subgraphs, depth)));
    expect(new Set(servicesOf(plan)).size).toBe(subgraphs);
  });
});
