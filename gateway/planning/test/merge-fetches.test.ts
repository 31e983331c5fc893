import { prettyFormatQueryPlan } from "@apollo/query-planner";
import { compose, federationLink } from "../../test/harness/compose";
import { loadPlannableGraph } from "../apollo-planner";
import { DEFAULT_PLAN_LIMITS } from "../plan-limits";

const link = federationLink('["@key", "@requires", "@external"]');
const url = "http://subgraph.example/graphql";

/** `postage` requires `weight`, which requires `size`, which requires `pages`. */
const CHAIN = {
  alpha: `type Query { book: Book } type Book @key(fields: "id") { id: ID! pages: Int }`,
  beta: `type Book @key(fields: "id") { id: ID! size: Int @external weight: Int @requires(fields: "size") }`,
  gamma: `type Book @key(fields: "id") {
    id: ID! pages: Int @external size: Int @requires(fields: "pages")
    weight: Int @external postage: Int @requires(fields: "weight")
  }`,
};

describe("fetches that tell a subgraph the same", () => {
  it("become one where one waits for the other, and what the client asks for itself is asked once", () => {
    const sdl = compose(Object.entries(CHAIN).map(([name, text]) => ({ name, url, sdl: link + text })));
    const graph = loadPlannableGraph(sdl, DEFAULT_PLAN_LIMITS);
    const plan = prettyFormatQueryPlan(graph.plan({ document: "{ book { postage size } }", overrideLabels: [] }));
    const services = [...plan.matchAll(/service: "(\w+)"/g)].map(([, name]) => name);
    expect(services).toEqual(["alpha", "gamma", "beta", "gamma"]);
  });
});
