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

  it("leave nothing out that what comes after them is told", () => {
    const plan = planOf(
      {
        alpha: `type Book @key(fields: "id") @key(fields: "meta { code }") {
            id: ID! meta: Meta! @shareable
            size: Int colour: String @external sequel: Book @requires(fields: "colour")
          }
          type Meta @key(fields: "id") { id: ID! @shareable code: String! @shareable }`,
        beta: `type Query { book: Book }
          type Book @key(fields: "meta { id }") {
            meta: Meta! @shareable colour: String size: Int @external sequel: Book @external
            weight: Int @requires(fields: "sequel { size }")
          }
          type Meta @key(fields: "id") { id: ID! @shareable }`,
        gamma: `type Meta @key(fields: "id") { id: ID! @shareable code: String! @shareable }`,
      },
      "{ book { sequel { weight } } }",
    );
    const ofSequel = plan.slice(plan.indexOf('Flatten(path: "book.sequel")'));
    expect(askedBy(ofSequel)).toEqual(["beta", "gamma", "alpha", "alpha", "beta"]);
    const told = ofSequel.indexOf("=> { ... on Book { __typename meta { id } id } }");
    const tells = ofSequel.indexOf("{ ... on Book { __typename colour id } } => { ... on Book { sequel { size } } }");
    expect(told).toBeGreaterThan(0);
    expect(tells).toBeGreaterThan(told);
  });
});
