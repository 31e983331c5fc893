import { prettyFormatQueryPlan } from "@apollo/query-planner";
import { compose, federationLink } from "../../test/harness/compose";
import { loadPlannableGraph } from "../apollo-planner";
import { DEFAULT_PLAN_LIMITS } from "../plan-limits";

const link = federationLink('["@key", "@shareable", "@requires", "@external"]');

/** The plan on one line. */
function planOf(subgraphs: Readonly<Record<string, string>>, document: string): string {
  const url = "http://subgraph.example/graphql";
  const sdl = compose(Object.entries(subgraphs).map(([name, text]) => ({ name, url, sdl: link + text })));
  const plan = loadPlannableGraph(sdl, DEFAULT_PLAN_LIMITS).plan({ document, overrideLabels: [] });
  return prettyFormatQueryPlan(plan).replace(/\s+/g, " ");
}

describe("what @apollo/query-planner gets wrong by itself", () => {
  it("a field asked for within a fragment stays in the plan beside the same field of the interface", () => {
    const book = `type Book implements Labelled @key(fields: "id") { id: ID! label: String! @shareable }`;
    const labelled = "interface Labelled { id: ID! }";
    const plan = planOf(
      {
        alpha: `${book} ${labelled} type Query { unused: Int }`,
        beta: `type Mutation { first: [Labelled] second: Labelled }
          interface Labelled { id: ID! label: String! }
          type Money implements Labelled { id: ID! label: String! }
          type Book implements Labelled @key(fields: "id") {
            id: ID! label: String! @external size: Int @requires(fields: "label")
          }`,
        gamma: `${book} ${labelled}`,
      },
      "mutation { first { ... on Money { alias: label } label } second { __typename } }",
    );
    expect(plan).toContain("... on Money { alias: label label }");
  });

  it("what a chain of @requires begins with is asked of who can give it", () => {
    const plan = planOf(
      {
        alpha: `type Book @key(fields: "id") {
          id: ID! pages: Int weight: Int @external postage: Int @requires(fields: "weight")
        }`,
        beta: `type Query { book: Book }
          type Book @key(fields: "id") { id: ID! pages: Int @external weight: Int @requires(fields: "pages") }`,
      },
      "{ book { postage } }",
    );
    const services = [...plan.matchAll(/service: "(\w+)"/g)].map(([, name]) => name);
    expect(services).toEqual(["beta", "alpha", "beta", "alpha"]);
    expect(plan).toContain("{ ... on Book { __typename id pages } } => { ... on Book { weight } }");
    expect(plan).toContain("{ ... on Book { __typename weight id } } => { ... on Book { postage } }");
  });
});
