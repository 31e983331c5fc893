import type { QueryPlan } from "@apollo/query-planner";
import { parse } from "graphql";
import { NO_CONDITIONS } from "../../operation/conditions";
import { normaliseOperation } from "../../operation/normalise-operation";
import { readSupergraphNames } from "../../operation/supergraph-names";
import { loadPlannableGraph } from "../../planning/apollo-planner";
import { DEFAULT_PLAN_LIMITS } from "../../planning/plan-limits";
import { FEDERATION } from "./draft-subgraph";
import { createGraph } from "./graph";
import { findUncovered } from "./plan-coverage";

const graph = createGraph([
  {
    name: "shop",
    sdl:
      FEDERATION +
      `type Query { items: [Item] shared: Item @shareable } union Item = Book | Toy
       type Book @key(fields: "id") { id: ID! title: String } type Toy { title: String age: Int }`,
  },
  {
    name: "stock",
    sdl:
      FEDERATION +
      `type Query { shared: Item @shareable } type Book @key(fields: "id") { id: ID! left: Int near: Item } type Map @shareable { scale: Int }
       union Item = Book | Map`,
  },
]);

/** @param change of the plan, as text */
function uncovered(document: string, change = (plan: string): string => plan): readonly string[] {
  const names = readSupergraphNames(graph.supergraph.fullDocument);
  const operation = normaliseOperation(parse(document), undefined, names, NO_CONDITIONS);
  if (!operation) throw new Error("no operation");
  const planner = loadPlannableGraph(graph.supergraph.runtimeSdl, DEFAULT_PLAN_LIMITS);
  const plan = planner.plan({ document, overrideLabels: [] });
  return findUncovered(graph, operation, JSON.parse(change(JSON.stringify(plan))) as QueryPlan);
}

const QUERY = `{ items { ... on Book { title left near { ... on Book { title } ... on Toy { age } } } ... on Toy { age } } }`;

describe("the check that a plan covers its operation", () => {
  it("finds nothing where every field is asked of somebody, although no subgraph could give some types at some places", () => {
    expect(uncovered(QUERY)).toEqual([]);
    // A toy is never near a book, and a map is no item of the shop's.
    expect(uncovered("{ items { ... on Map { scale } ... on Book { near { ... on Map { scale } } } } }")).toEqual([]);
  });

  it("expects of a shared field no type that one of its subgraphs cannot give", () => {
    expect(uncovered("{ shared { ... on Book { id } ... on Map { scale } } }")).toEqual([]);
    expect(uncovered("{ shared { ... on Book { id } } }", (plan) => plan.replace("...on Book{id}", ""))).toEqual([
      "shared Book.id",
    ]);
  });

  it("finds a field that a subgraph is not asked for", () => {
    expect(uncovered(QUERY, (plan) => plan.replace("...on Toy{age}", ""))).toEqual(["items.@ Toy.age"]);
    expect(uncovered(QUERY, (plan) => plan.replace("left ", ""))).toEqual(["items.@ Book.left"]);
  });

  it("finds a field of an entity that is never represented to its subgraph", () => {
    const others = (plan: string) => plan.replace('"typeCondition":"Book"', '"typeCondition":"Map"');
    expect(uncovered("{ items { ... on Book { left } } }", others)).toEqual(["items.@ Book.left"]);
  });

  it("finds a field of which only objects of other types are asked", () => {
    const others = (plan: string) => plan.replace('"path":["items","@"]', '"path":["items","@|[Toy]"]');
    expect(uncovered("{ items { ... on Book { left } } }", others)).toEqual(["items.@ Book.left"]);
  });
});
