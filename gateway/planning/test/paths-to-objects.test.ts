import { askedBy, planOf } from "./plan-graphs";

/** `computed` requires `size`; only `omega` has it, and only `gamma` what it requires. */
const COMPUTED = {
  gamma: `type Book @key(fields: "meta { code }") { meta: Meta @shareable size: Int } type Meta { code: Int @shareable }`,
  omega: `type Book @key(fields: "meta { code }") {
      meta: Meta @shareable size: Int @external computed: Int @requires(fields: "size")
    }
    type Meta { code: Int @shareable }`,
};

const ROOT = `type Query { book: Book } type Book @key(fields: "id") { id: ID! meta: Meta @shareable }
  type Meta @key(fields: "id") { id: ID! }`;

describe("a field that requires another, of an entity", () => {
  it("is asked for after what it requires where a part of the key comes from another entity", () => {
    const plan = planOf(
      { alpha: ROOT, beta: `type Meta @key(fields: "id") { id: ID! code: Int @shareable }`, ...COMPUTED },
      "{ book { computed } }",
    );
    expect(askedBy(plan)).toEqual(["alpha", "beta", "gamma", "omega"]);
    expect(plan).toContain("{ ... on Book { __typename size meta { code } } } => { ... on Book { computed } }");
  });

  it("is asked for after what it requires where that entity has to be looked for twice", () => {
    const plan = planOf(
      {
        alpha: ROOT,
        beta: `type Meta @key(fields: "id") @key(fields: "isbn") { id: ID! isbn: ID! }`,
        delta: `type Meta @key(fields: "isbn") { isbn: ID! code: Int @shareable }`,
        ...COMPUTED,
      },
      "{ book { computed } }",
    );
    expect(askedBy(plan)).toEqual(["alpha", "beta", "delta", "gamma", "omega"]);
    expect(plan).toContain("{ ... on Book { __typename size meta { code } } } => { ... on Book { computed } }");
  });

  it("is asked for after what it requires where the key is two fetches away", () => {
    const plan = planOf(
      {
        alpha: `type Query { book: Book } type Book @key(fields: "a") { a: ID! }`,
        beta: `type Book @key(fields: "a") @key(fields: "b") { a: ID! b: ID! }`,
        delta: `type Book @key(fields: "b") @key(fields: "c") { b: ID! c: ID! }`,
        gamma: `type Book @key(fields: "c") { c: ID! size: Int }`,
        omega: `type Book @key(fields: "c") {
          c: ID! size: Int @external computed: Int @requires(fields: "size")
        }`,
      },
      "{ book { computed } }",
    );
    expect(askedBy(plan)).toEqual(["alpha", "beta", "delta", "gamma", "omega"]);
    expect(plan).toContain("{ ... on Book { __typename size c } } => { ... on Book { computed } }");
  });

  it("is asked for after what it requires where two subgraphs could give the entity, and the first computed field of a chain comes in between", () => {
    const book = `type Query { book: Book @shareable } type Book @key(fields: "id", resolvable: false) { id: ID! }`;
    const plan = planOf(
      {
        alpha: book,
        beta: `${book} type User @key(fields: "id") { id: ID! name: String likes: Book age: Int @shareable }`,
        gamma: `type Book @key(fields: "id") @key(fields: "meta { id }") {
            id: ID! meta: Meta! sequel: Book size: Int @external weight: Int @requires(fields: "size")
          }
          type Meta { id: ID! }`,
        omega: `type Book @key(fields: "meta { id }") {
            meta: Meta! owner: User size: Int weight: Int @external sequel: Book @external
            buyer: User @requires(fields: "sequel { weight } weight")
          }
          type Meta { id: ID! }
          type User @key(fields: "id", resolvable: false) { id: ID! rank: Int age: Int @shareable }`,
      },
      "{ book { buyer { likes { owner { name rank age } } } } }",
    );
    expect(askedBy(plan)).toEqual("alpha gamma omega gamma omega gamma omega beta gamma omega beta".split(" "));
    expect(plan).toContain(
      "{ ... on Book { __typename sequel { weight } weight meta { id } } } => { ... on Book { buyer { __typename id } } }",
    );
  });

  it("stays in the plan where a fetch that asks for nothing is left out", () => {
    const user = `type Query { user: User @shareable } type User @key(fields: "id") { id: ID! books: [Book] @shareable }`;
    const meta = "type Meta { code: Int! @shareable id: ID! @shareable }";
    const plan = planOf(
      {
        alpha: `${user} type Book @key(fields: "meta { id }") { meta: Meta! @shareable } type Meta { id: ID! @shareable }`,
        beta: `type Book @key(fields: "meta { code }") {
            meta: Meta! @shareable size: Int @external computed: Int @requires(fields: "size")
          }
          type Meta @key(fields: "code") { code: Int! @shareable }`,
        gamma: `${user} ${meta}
          type Book @key(fields: "meta { code }") @key(fields: "meta { id }") { meta: Meta! @shareable size: Int @shareable }`,
        omega: `type Book @key(fields: "meta { code }") { meta: Meta! @shareable size: Int @shareable }
          type Meta @key(fields: "id") @key(fields: "code") { code: Int! @shareable id: ID! @shareable }`,
      },
      "{ user { books { computed meta { __typename } } } }",
    );
    expect(askedBy(plan)).toEqual(["gamma", "beta"]);
    expect(plan).toContain("{ ... on Book { __typename meta { code } size } } => { ... on Book { computed } }");
  });
});
