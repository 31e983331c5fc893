import { askedBy, planOf } from "./plan-graphs";

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
    const plan = planOf(CHAIN, "{ book { postage size } }");
    expect(askedBy(plan)).toEqual(["alpha", "gamma", "beta", "gamma"]);
  });
});
