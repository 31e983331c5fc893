import { askedBy, planOf } from "./plan-graphs";

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
    expect(askedBy(plan)).toEqual(["beta", "alpha", "beta", "alpha"]);
    expect(plan).toContain("{ ... on Book { __typename id pages } } => { ... on Book { weight } }");
    expect(plan).toContain("{ ... on Book { __typename weight id } } => { ... on Book { postage } }");
  });

  it("what a context gives is asked of who can give it, and not of who only declares it", () => {
    const plan = planOf(
      {
        alpha: `type Query { book: Book }
          type Book @key(fields: "id") {
            id: ID! colour: Int @external shade: Int @requires(fields: "colour") pages: Int @override(from: "beta")
          }`,
        beta: `type Book @key(fields: "id") @context(name: "above") { id: ID! colour: Int pages: Int cover: Cover }
          type Cover @key(fields: "id") {
            id: ID!
            print(told: Int @fromContext(field: "$above { colour }")): Int
            spine(told: Int @fromContext(field: "$above { pages }")): Int
          }`,
      },
      "{ book { cover { print spine } } }",
    );
    const asked = [...plan.matchAll(/service: "(\w+)"(.*?)(?=service: |$)/g)].map(([, name, rest = ""]) => [
      name,
      rest,
    ]);
    expect(asked.filter(([, rest]) => rest?.includes("colour")).map(([name]) => name)).toEqual(["beta"]);
    expect(asked.filter(([, rest]) => rest?.includes("pages")).map(([name]) => name)).toEqual(["alpha"]);
  });
});
