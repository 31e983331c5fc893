import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { createWayCounter } from "../count-ways";
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

const OPERATIONS = [
  "{ x { y { x { y { x { id } } } } } }",
  "{ both { y { x { y { z { id } } } } } }",
  "{ both { y { z { y { z { y { id } } } } } } }",
  "{ x { y { area } } }",
  "{ x { y { ... on Y { x { y { x { y { size } } } } } } } }",
  "query Named { x { __typename y { z { code { text } y { x { y { x { id } } } } } } } }",
];

/** The counter, and the planner without it. */
function load(sdl: string, maxWays: number) {
  const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
  const planner = new QueryPlanner(supergraph, { debug: { pathsLimit: maxWays, maxEvaluatedPlans: 10 } });
  const hasTooManyWays = createWayCounter(planner, maxWays);
  return {
    hasTooManyWays: (text: string) => hasTooManyWays(parse(text), undefined),
    isRefused: (text: string) => {
      try {
        planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(text)));
        return false;
      } catch (error) {
        expect((error as Error).message).toMatch(/^Too many options generated/);
        return true;
      }
    },
  };
}

describe("the ways of an operation", () => {
  it.each([
    [2, chain(1), 4],
    [2, chain(4), 32],
    [3, chain(1), 9],
    [3, tree(2), 27],
    [3, `{ a { ... on A { alias: next { ... { f0 } } } } }`, 9],
  ])("over %i subgraphs at each level of %s are %i, for the planner as well", (sources, text, ways) => {
    for (const maxWays of [ways - 1, ways]) {
      const { hasTooManyWays, isRefused } = load(explosiveGraph(sources), maxWays);
      expect(hasTooManyWays(text)).toBe(maxWays < ways);
      expect(isRefused(text)).toBe(maxWays < ways);
    }
  });

  it.each([
    [1, 3],
    [2, 2],
    [3, 0],
  ])(
    "are more than %i in %i operations of a real graph, and only where the planner finds more as well",
    (maxWays, found) => {
      const { hasTooManyWays, isRefused } = load(GRAPH, maxWays);
      const counted = OPERATIONS.filter(hasTooManyWays);
      expect(counted).toHaveLength(found);
      expect(counted.filter((text) => !isRefused(text))).toEqual([]);
    },
  );

  it("are one for each selection of an ordinary operation, however many fields it has", () => {
    const { hasTooManyWays } = load(ordinaryGraph(4, 8), 1);
    expect(hasTooManyWays(ordinaryOperation(1, 3).replace(/name title/g, ""))).toBe(false);
  });

  it("thirty levels of them are counted without going them", () => {
    const { hasTooManyWays } = load(explosiveGraph(3), 3 ** 31);
    expect(hasTooManyWays(chain(29))).toBe(false);
    expect(hasTooManyWays(chain(31))).toBe(true);
  });
});
