import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { createWayCounter } from "../count-ways";
import { PlannerGraph } from "../planner-graph";
import { chain, composeRuntime, explosiveGraph, ordinaryGraph, ordinaryOperation, tree } from "./plan-graphs";

/** Entities that are reached in every way there is: keys, detours, fields that depend on others, fields that move. */
const GRAPH = composeRuntime([
  {
    name: "a",
    sdl: `type Query { x: X  both: X @shareable }
      type X @key(fields: "id") { id: ID! y: Y @shareable }
      type Y @key(fields: "id") { id: ID! }`,
  },
  ...["b", "c"].map((name) => ({
    name,
    sdl: `type Query { both: X @shareable }
      type X @key(fields: "id") { id: ID! y: Y @shareable }
      type Y @key(fields: "id") { id: ID! x: X @shareable z: Z @shareable size: Int @external
        area: Int @requires(fields: "size") @shareable }
      type Z @key(fields: "id code { text }") { id: ID! @shareable code: Code @shareable }
      type Code { text: String @shareable }`,
  })),
  {
    name: "d",
    sdl: `type Y @key(fields: "id") { id: ID! size: Int x: X @override(from: "b", label: "move") @shareable }
      type X @key(fields: "id") { id: ID! }
      type Z @key(fields: "id code { text }") { id: ID! @shareable code: Code @shareable y: Y }
      type Code { text: String @shareable }`,
  },
]);

/** Two subgraphs with everything; a third that loses `next` to one of them when the label holds. */
const MOVING = composeRuntime([
  { name: "root", sdl: `type Query { a: A } type A @key(fields: "id") { id: ID! }` },
  ...["a0", "a1", "a2"].map((name, i) => ({
    name,
    sdl: `type A @key(fields: "id") { id: ID! next: B @shareable ${i === 1 ? `@override(from: "a0", label: "move")` : ""} }
      type B @key(fields: "id") { id: ID! }`,
  })),
  ...["b0", "b1"].map((name) => ({
    name,
    sdl: `type B @key(fields: "id") { id: ID! f0: Int @shareable } type A @key(fields: "id") { id: ID! }`,
  })),
]);

const OPERATIONS = [
  "{ x { y { x { y { x { id } } } } } }",
  "{ both { y { x { y { z { id } } } } } }",
  "{ both { y { z { y { z { y { id } } } } } } }",
  "{ x { y { area } } }",
  "{ x { y { ... on Y { x { y { x { y { size } } } } } } } }",
  "query Named { x { __typename y { z { code { text } y { x { y { x { id } } } } } } } }",
];

/** The counter, and the planner without it. */
function load(sdl: string, labels: ReadonlyMap<string, boolean> = new Map()) {
  const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
  const overrideConditions = new Map(labels);
  let steps = 0;
  let maxWays = UNLIMITED;
  // What the planner compares each way that goes on with.
  const pathsLimit = { valueOf: () => (steps++, maxWays) } as unknown as number;
  const planner = new QueryPlanner(supergraph, {
    incrementalDelivery: { enableDefer: true },
    debug: { pathsLimit, maxEvaluatedPlans: 10 },
  });
  const hasTooManyWays = createWayCounter(new PlannerGraph(planner), supergraph.schema);
  const plan = (text: string) =>
    planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(text)), { overrideConditions });
  return {
    hasMoreWays: (text: string, ways: number) =>
      hasTooManyWays(parse(text), undefined, { ways, steps: UNLIMITED }, overrideConditions),
    leastSteps: (text: string) => {
      let limit = 0;
      while (hasTooManyWays(parse(text), undefined, { ways: UNLIMITED, steps: limit }, overrideConditions)) limit++;
      return limit;
    },
    isRefused: (text: string, ways: number) => {
      maxWays = ways;
      try {
        plan(text);
        return false;
      } catch (error) {
        expect((error as Error).message).toMatch(/^Too many options generated/);
        return true;
      } finally {
        maxWays = UNLIMITED;
      }
    },
    stepsOf: (text: string) => {
      steps = 0;
      plan(text);
      return steps;
    },
  };
}

const UNLIMITED = Infinity;

describe("the ways of an operation", () => {
  it.each([
    [2, chain(1), 4],
    [2, chain(4), 32],
    [3, chain(1), 9],
    [3, tree(2), 27],
    [3, `{ a { ... on A { alias: next { ... { f0 } } } } }`, 9],
  ])("over %i subgraphs at each level of %s are %i, for the planner as well", (sources, text, ways) => {
    const { hasMoreWays, isRefused } = load(explosiveGraph(sources));
    for (const limit of [ways - 1, ways]) {
      expect(hasMoreWays(text, limit)).toBe(limit < ways);
      expect(isRefused(text, limit)).toBe(limit < ways);
    }
  });

  it.each([
    [1, 3],
    [2, 2],
    [3, 0],
  ])(
    "are more than %i in %i operations of a real graph, and only where the planner finds more as well",
    (limit, found) => {
      const { hasMoreWays, isRefused } = load(GRAPH);
      const counted = OPERATIONS.filter((text) => hasMoreWays(text, limit));
      expect(counted).toHaveLength(found);
      expect(counted.filter((text) => !isRefused(text, limit))).toEqual([]);
    },
  );

  it("are one for each selection of an ordinary operation, however many fields it has", () => {
    const { hasMoreWays } = load(ordinaryGraph(4, 8));
    expect(hasMoreWays(ordinaryOperation(1, 3).replace(/name title/g, ""), 1)).toBe(false);
  });

  it("thirty levels of them are counted without going them", () => {
    const { hasMoreWays } = load(explosiveGraph(3));
    expect(hasMoreWays(chain(29), 3 ** 31)).toBe(false);
    expect(hasMoreWays(chain(31), 3 ** 31)).toBe(true);
  });

  it.each([
    ["{ a { ... @defer { next { next { f0 } } } } }", 8],
    ["{ ... @defer { a { next { next { f0 } } } } }", 8],
    ["{ a { next { ... @defer { next { f0 } } } } }", 8],
    ["{ a { next { next { ... @defer { f0 } } } } }", 8],
  ])("are in the parts of %s that are put off, too: %i", (text, ways) => {
    const { hasMoreWays, isRefused } = load(explosiveGraph(2));
    expect([hasMoreWays(text, ways - 1), hasMoreWays(text, ways)]).toEqual([true, false]);
    expect(isRefused(text, ways - 1)).toBe(true);
  });

  it.each([
    [true, 4],
    [false, 4],
  ])("are those of the subgraphs that have a field, now that its label holds: %s", (holds, ways) => {
    const { hasMoreWays, isRefused } = load(MOVING, new Map([["move", holds]]));
    const text = "{ a { next { f0 } } }";
    for (const limit of [ways - 1, ways]) {
      expect(hasMoreWays(text, limit)).toBe(limit < ways);
      expect(isRefused(text, limit)).toBe(limit < ways);
    }
  });
});

describe("the steps of an operation", () => {
  it.each([
    ["a chain", chain(3)],
    ["a tree", tree(3)],
    ["many selections", chain(2).replace("f0", "a: f0 b: f1 c: f2 d: f3")],
    ["one selection, again and again", chain(2).replace("f0", "f0 f0 ... { f0 } ... on A { f0 }")],
    ["fragments around the root", `{ ... on Query { ... { ${chain(3).slice(1, -1)} } } }`],
  ])("of %s are those of the planner, but for what it takes to have the keys and the root", (_what, text) => {
    const { leastSteps, stepsOf } = load(explosiveGraph(2));
    expect(leastSteps(text) - leastSteps(chain(2))).toBe(stepsOf(text) - stepsOf(chain(2)));
  });

  it.each([...OPERATIONS, ...OPERATIONS.map((text) => text.replace(/\{ (id|area) /, "{ ... @defer { $1 } "))])(
    "are never more than the planner's: %s",
    (text) => {
      const { leastSteps, stepsOf } = load(GRAPH);
      expect(leastSteps(text)).toBeLessThanOrEqual(stepsOf(text));
    },
  );
});
