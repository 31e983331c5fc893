import { FEDERATION } from "./draft-subgraph";
import { expectAgreement } from "./expect-agreement";

/** Generated cases that the engine once answered wrongly, as the differential run printed them. */

test("a representation has the objects of a list of lists whose required field came from another fetch", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type Book @key(fields: "sku") {
  sku: String!
  stateOf2: [User]
}

type User @key(fields: "id") {
  id: ID!
  extra8: [Color] @external
  computed2x38: String! @requires(fields: "extra8")
}

enum Color {
  RED
  GREEN
  BLUE @inaccessible
}

type Query {
  itemsOf20: [Book]
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type User @key(fields: "id") {
  id: ID!
  sizeOf5: [Shop]!
  totalOf6: [[User]!]
  extra8: [Color]
  noteOf9: User!
}

type Shop @key(fields: "id") {
  id: ID!
}

enum Color {
  RED
  GREEN
  BLUE
}

type Book @key(fields: "sku") {
  sku: String!
}

type Mutation {
  ownerOf27: [[Book]!]
}`,
      },
      {
        name: "gamma",
        sdl:
          FEDERATION +
          `type User @key(fields: "id") {
  id: ID!
  computed2x38: String! @external
  totalOf6: [[User]!] @external
  computed1x40: Boolean @requires(fields: "totalOf6 { computed2x38 }")
}

type Shop @key(fields: "id") {
  id: ID!
  itemsOf15: User
}`,
      },
    ],
    data: { seed: 2840, nullPercent: 0, errorPercent: 0 },
    operation: {
      document: `mutation {
  ownerOf27 {
    stateOf2 {
      sizeOf5 {
        itemsOf15 {
          noteOf9 {
            computed1x40
          }
        }
      }
    }
  }
}`,
      variables: {},
    },
  });
});

test("a chain of requirements may require one field with different arguments, and a computed field on its way is told what it requires", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type User @key(fields: "id") {
  id: ID!
  size12(flag: Boolean! = true, term: String): [[String]]
}

type Query {
  noteOf14: [User]
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type Book {
  rankOf8: User!
}

type User @key(fields: "id") {
  id: ID!
  size12(flag: Boolean! = true, term: String): [[String]] @external
  computed2x25: Color! @requires(fields: "size12(flag: true)")
}

enum Color {
  RED
  GREEN
  BLUE
}

type Mutation {
  noteOf18: Book
}`,
      },
      {
        name: "gamma",
        sdl:
          FEDERATION +
          `type User @key(fields: "id") {
  id: ID!
  computed2x25: Color! @external
  size12(flag: Boolean! = true, term: String): [[String]] @external
  computed1x27: Float @requires(fields: "computed2x25 size12(term: \\"b\\")")
}

enum Color {
  RED
  GREEN
  BLUE
}`,
      },
    ],
    data: { seed: 22374, nullPercent: 0, errorPercent: 0 },
    operation: {
      document: `mutation {
  noteOf18 {
    rankOf8 {
      computed1x27
    }
  }
}`,
      variables: {},
    },
  });
});

test("a field is computed although something that the client alone asks of the required object fails", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") {
  id: ID!
  extraOf0(color: Color = RED): [Shop]! @shareable
  nameOf2: Book
}

type Shop @key(fields: "id") {
  id: ID!
  meta: ShopMeta! @shareable
}

type ShopMeta @shareable {
  id: ID!
}

enum Color {
  RED
  GREEN
  BLUE
}`,
      },
      {
        name: "gamma",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") {
  id: ID!
  extraOf0(color: Color = RED): [Shop]! @shareable
  nameOf2: Book @external
  computed1x20: Unit! @requires(fields: "nameOf2 { id }")
}

type Shop @key(fields: "id") {
  id: ID!
  meta: ShopMeta! @shareable
}

type ShopMeta @shareable {
  id: ID!
}

enum Color {
  RED
  GREEN
  BLUE
}

type Query {
  noteOf15: Book @shareable
}

enum Unit {
  METRE
  MILE
  YARD
}`,
      },
    ],
    data: { seed: 6013, nullPercent: 0, errorPercent: 2 },
    operation: {
      document: `{
  noteOf15 {
    computed1x20
    nameOf2 {
      extraOf0 {
        meta {
          __typename
        }
      }
    }
  }
}`,
      variables: {},
    },
  });
});

test("a computed field waits for what it requires, although another field of its chain is computed by the subgraph that gives it", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type Book {
  ownerOf6: Shop
}

type Shop @key(fields: "id") {
  id: ID!
  extra16: [[String]] @external
  extraOf15(must: Int!): [Money!] @external
  computed2x40: Int! @requires(fields: "extra16 extraOf15(must: 4) { rank0 items3 }")
}

type Money @shareable {
  rank0: String
  items3: [ID]
}

type Query {
  totalOf20: [Book]
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type Shop @key(fields: "id") {
  id: ID!
  extraOf15(must: Int!): [Money!]
  computed2x40: Int! @external
  computed1x42: Float! @requires(fields: "computed2x40")
}

type Money @shareable {
  rank0: String
  items3: [ID]
}`,
      },
      {
        name: "gamma",
        sdl:
          FEDERATION +
          `type Shop @key(fields: "id") {
  id: ID!
  extra16: [[String]]
}`,
      },
    ],
    data: { seed: 1, nullPercent: 0, errorPercent: 0 },
    operation: { document: "{ totalOf20 { ownerOf6 { computed1x42 } } }", variables: {} },
  });
});

test("nobody is blamed for a field of an interface object whose type another subgraph tells too late to ask for it", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `interface Media @key(fields: "id") {
  id: ID!
  ownerOf20: [Media]!
  items21: Float
}

type Song implements Media @key(fields: "id") {
  id: ID!
  ownerOf20: [Media]!
  items21: Float
  peer22: [Float]
}

type Query {
  peerOf29: Media @shareable
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type Media @key(fields: "id") @interfaceObject {
  id: ID!
  total23: Float
}

type Query {
  peerOf29: Media @shareable
}`,
      },
    ],
    data: { seed: 1, nullPercent: 0, errorPercent: 0, missPercent: 15 },
    operation: {
      document: `{
  peerOf29 {
    ... on Song {
      items21
      ownerOf20 {
        items21
        id
      }
      total23
      ownerOf20 {
        ownerOf20 {
          __typename
          ... on Song {
            peer22
            hasOwnProperty: id
            id
          }
        }
      }
    }
  }
}`,
      variables: {},
    },
  });
});

test("nobody is blamed for a field of a part whose requirement an error beside it took along", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type User @key(fields: "id") {
  id: ID!
  note11: Int @external
  computed3x27: Float @requires(fields: "note11")
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") {
  id: ID!
  peerOf4: User
}

type User @key(fields: "id") {
  id: ID!
  extraOf6(ids: [ID!]): Money!
}

type Money {
  rank1: String
}`,
      },
      {
        name: "gamma",
        sdl:
          FEDERATION +
          `type User @key(fields: "id") {
  id: ID!
  note11: Int
}

type Book @key(fields: "id", resolvable: false) {
  id: ID!
}

type Query {
  nameOf22: Book
}`,
      },
    ],
    data: { seed: 17, nullPercent: 0, errorPercent: 8, missPercent: 15 },
    operation: {
      document: `{
  nameOf22 {
    ... on Book @defer {
      peerOf4 {
        computed3x27
        other: extraOf6(ids: ["q\\"uote"]) {
          __typename
        }
      }
    }
    peerOf4 {
      extraOf6 {
        rank1
      }
    }
  }
}`,
      variables: {},
    },
  });
});

test("a fragment that is for no object, which takes several type conditions to see, is planned", async () => {
  const shared = `interface Labelled {
  label: Int
}

type Money implements Labelled @shareable {
  label: Int
}

type Place implements Labelled @shareable {
  label: Int
}
`;
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `${shared}
type Book implements Labelled @key(fields: "id", resolvable: false) {
  id: ID!
  label: Int @shareable
}

interface Media {
  rankOf12: [Thing]!
}

union Thing = Money`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `${shared}
type Book implements Labelled @key(fields: "id") {
  id: ID!
  label: Int @shareable
}

union Thing = Money | Place

type Query {
  peerOf17: Thing!
}`,
      },
    ],
    data: { seed: 49139, nullPercent: 0, errorPercent: 0 },
    operation: {
      document: `{
  peerOf17 {
    ... on Labelled {
      ... on Thing {
        ... on Labelled {
          ... on Book {
            __typename
          }
        }
      }
    }
  }
}`,
      variables: {},
    },
  });
});

test("a part inside of another belongs to an object of that part, although the first answer has null there", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type Query {
  noteOf1: Book
}

type Book @key(fields: "id", resolvable: false) {
  id: ID!
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") {
  id: ID!
  code: Int!
  noteOf11: [Book]!
}`,
      },
    ],
    data: { seed: 9, nullPercent: 0, errorPercent: 15 },
    operation: {
      document: `{
  noteOf1 {
    ... @defer {
      noteOf11 {
        ... @defer {
          id
        }
      }
    }
    noteOf11 {
      noteOf11 {
        code
      }
    }
  }
}`,
      variables: {},
    },
  });
});

test("of a chain of requirements its end and its middle may be asked for by one operation", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type Mutation {
  stateOf11: [Book!]
}

type Query {
  nameOf9: Int
}

type Book @key(fields: "id") {
  id: ID!
  label: String
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") @key(fields: "code") {
  id: ID!
  code: Int!
  owner7(term: String): Float!
  computed4x19: [[Book]] @external
  computed3x21: ID @requires(fields: "computed4x19 { code }")
}`,
      },
      {
        name: "gamma",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") @key(fields: "code") {
  id: ID!
  code: Int!
  label: String @external
  computed4x19: [[Book]] @requires(fields: "label")
  computed3x21: ID @external
  owner7(term: String): Float! @external
  computed1x23: Float @requires(fields: "computed3x21 owner7(term: \\"b\\")")
}`,
      },
    ],
    data: { seed: 71234, nullPercent: 0, errorPercent: 0 },
    operation: {
      document: `mutation {
  stateOf11 {
    computed1x23
    computed4x19 {
      __typename
    }
  }
}`,
      variables: {},
    },
  });
});

test("an object that an error below it made null in one fetch, and of which another fetch knows the key, is not said to lack its other fields", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") {
  id: ID!
}

type Shop @key(fields: "id") @key(fields: "code") {
  id: ID!
  code: Int!
  sizeOf20: [[Shop!]!]
  extraOf21(filters: [Filter!] = [{term: "x"}]): Book! @shareable
  items22: Color @shareable
  rankOf23: User @shareable
}

scalar Stamp

input Filter {
  min: Int = 3
  term: String
  colors: [Color!]
  on: Boolean
}

enum Color {
  RED
  GREEN
  BLUE
}

type User @key(fields: "id", resolvable: false) {
  id: ID!
}

type Inner @key(fields: "id") {
  id: ID!
}

enum Unit {
  METRE
  MILE
  YARD
}`,
      },
      {
        name: "beta",
        sdl:
          FEDERATION +
          `type Book @key(fields: "id") {
  id: ID!
}

type User @key(fields: "id") @key(fields: "id code") @context(name: "above") {
  id: ID!
  code: Int!
  totalOf17(filters: [Filter!] = [{term: "x"}]): Shop
}

type Shop @key(fields: "id") @key(fields: "code") {
  id: ID!
  code: Int! @tag(name: "t1")
  extraOf21(filters: [Filter!] = [{term: "x"}]): Book! @shareable
  items22: Color @shareable
  rankOf23: User @shareable
}

scalar Stamp

input Filter {
  min: Int = 3
  term: String
  colors: [Color!]
  on: Boolean
}

enum Color {
  RED
  GREEN
  BLUE
}

enum Unit {
  METRE
  MILE
  YARD
}

type Query {
  stateOf34(term: String, first: Int = 2): [[Shop]]
}

type Inner @key(fields: "id") {
  id: ID!
}`,
      },
    ],
    data: { seed: 11603, nullPercent: 0, errorPercent: 8, missPercent: 15 },
    operation: {
      document: `query Op0 {
  stateOf34(term: "é\\n") {
    sizeOf20 {
      rankOf23 {
        totalOf17 {
          rankOf23 {
            code
          }
          sizeOf20 {
            id
            items22
          }
          extraOf21 {
            __typename
          }
        }
      }
    }
  }
}`,
      variables: {},
      operationName: "Op0",
    },
  });
});

describe("where a subgraph does not know an entity", () => {
  test("nothing is computed from an object that is there and that nobody could say enough of", async () => {
    await expectAgreement({
      subgraphs: [
        {
          name: "alpha",
          sdl: `${FEDERATION}
            type Query { user: User }
            type User @key(fields: "id") { id: ID! book: Book name: String }
            type Book @key(fields: "id") { id: ID! }`,
        },
        { name: "beta", sdl: `${FEDERATION} type Book @key(fields: "id") { id: ID! title: String }` },
        {
          name: "gamma",
          sdl: `${FEDERATION}
            type User @key(fields: "id") {
              id: ID!
              book: Book @external
              name: String @external
              computed: Int @requires(fields: "book { title } name")
            }
            type Book @key(fields: "id") { id: ID! title: String @external }`,
        },
      ],
      data: { seed: 15, nullPercent: 0, errorPercent: 0, missPercent: 30 },
      operation: { document: "{ user { computed } }", variables: {} },
    });
  });

  test("nothing is given to an argument from a context as null that nobody said is null", async () => {
    await expectAgreement({
      subgraphs: [
        {
          name: "alpha",
          sdl: `${FEDERATION}
            type Query { books: [Book] }
            type Book @key(fields: "id") @context(name: "above") { id: ID! peer: Money inner: [Inner!] }
            type Money @shareable { rank: ID! }
            type Inner @key(fields: "id") { id: ID! note(told: ID @fromContext(field: "$above { peer { rank } }")): String }`,
        },
        {
          name: "gamma",
          sdl: `${FEDERATION}
            type Book @key(fields: "id") { id: ID! peer: Money @override(from: "alpha") }
            type Money @shareable { rank: ID! }`,
        },
      ],
      data: { seed: 32719, nullPercent: 0, errorPercent: 0, missPercent: 50 },
      operation: { document: "{ books { inner { note } } }", variables: {} },
    });
  });
});

test("what a field requires is null, and no failure, where it could be of no type that all subgraphs know", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl: `${FEDERATION}
          type Book @key(fields: "id") { id: ID! title: String }
          type User @key(fields: "id") {
            id: ID!
            thing: Thing @external
            computed: Int! @requires(fields: "thing { ... on Book { title } }")
          }
          union Thing = Book`,
      },
      {
        name: "gamma",
        sdl: `${FEDERATION}
          type Book @key(fields: "id") { id: ID! }
          type User @key(fields: "id") { id: ID! thing: Thing @shareable }
          union Thing = User | Book`,
      },
      {
        name: "omega",
        sdl: `${FEDERATION}
          type Query { user: User! }
          type User @key(fields: "id") { id: ID! thing: Thing @shareable }
          union Thing = User`,
      },
    ],
    data: { seed: 6093, nullPercent: 0, errorPercent: 0 },
    operation: { document: "{ user { computed } }", variables: {} },
  });
});

test("an object loses nothing to a field that is never null and is asked of objects of another type only", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl: `${FEDERATION}
          type Query { media: [Media] }
          union Media = A | B
          type A { ref: Book }
          type B { ref: Book }
          type Book @key(fields: "id") { id: ID! }`,
      },
      { name: "beta", sdl: `${FEDERATION} type Book @key(fields: "id") { id: ID! x: Int y: Int! }` },
    ],
    data: { seed: 6, nullPercent: 0, errorPercent: 20 },
    operation: { document: "{ media { ... on A { ref { x } } ... on B { ref { y } } } }", variables: {} },
  });
});

test("a null that is put off twice has its error where the planner fetches the field with the part around it", async () => {
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl: `${FEDERATION}
          interface Media @key(fields: "id") { id: ID! ref: Book }
          type A implements Media @key(fields: "id") { id: ID! ref: Book }
          type Book @key(fields: "id") { id: ID! }`,
      },
      { name: "beta", sdl: `${FEDERATION} type Book @key(fields: "id") { id: ID! x: Int }` },
      {
        name: "gamma",
        sdl: `${FEDERATION}
          type Query { media: Media }
          type Media @key(fields: "id") @interfaceObject { id: ID! price: Int }`,
      },
    ],
    data: { seed: 9, nullPercent: 0, errorPercent: 30 },
    operation: { document: "{ media { ... on A @defer { ... on A @defer { price ref { x } } } } }", variables: {} },
  });
});

test.each([
  "{ media { price ... on Found { ... on Media { stars: price x } __typename } id } }",
  "{ media { id ... on Labelled { __typename x } price } }",
  "{ media { price ... on Found @defer { ... on Media { next { ... on Found { __typename } } } } } }",
])(
  "a fragment on a union or another interface is answered where a subgraph knows only the interface: %s",
  async (document) => {
    await expectAgreement({
      subgraphs: [
        {
          name: "alpha",
          sdl: `${FEDERATION}
          interface Media @key(fields: "id") { id: ID! x: Int }
          interface Labelled { x: Int }
          type A implements Media & Labelled @key(fields: "id") { id: ID! x: Int }
          type B implements Media & Labelled @key(fields: "id") { id: ID! x: Int }
          type C implements Media @key(fields: "id") { id: ID! x: Int }
          type Money implements Labelled { x: Int }
          union Found = A | B | Money`,
        },
        {
          name: "gamma",
          sdl: `${FEDERATION}
          type Query { media: [Media!]! }
          type Media @key(fields: "id") @interfaceObject { id: ID! price: Int next: Media }`,
        },
      ],
      data: { seed: 3, nullPercent: 0, errorPercent: 0 },
      operation: { document, variables: {} },
    });
  },
);

describe("an argument from a context that objects of an interface set, and what they stand in sets as well", () => {
  const SUBGRAPHS = [
    {
      name: "alpha",
      sdl: `${FEDERATION}
        type Query { shelves: [[Shelf]] }
        type Shelf @context(name: "c") { tag: Int best: Media all: [Media] }
        interface Media { refs: [Book!] next: Media }
        type B implements Media @key(fields: "id") @context(name: "c") { id: ID! tag: Int refs: [Book!] next: Media }
        type C implements Media { tag: Int refs: [Book!] next: Media }
        type D implements Media @key(fields: "id") @context(name: "c") { id: ID! tag: Int! refs: [Book!] next: Media }
        type Book @key(fields: "id") { id: ID! ctx(v: Int @fromContext(field: "$c { tag }")): Int }`,
    },
  ];

  test.each([
    ["comes from the object", "{ shelves { all { refs { ctx } } } }"],
    ["comes from the nearest of several objects", "{ shelves { all { next { next { refs { ctx } } } } } }"],
    [
      "comes from the object in a fragment for one type",
      "{ shelves { all { ... on B { refs { ctx } } ... on C { refs { ctx } } } } }",
    ],
    [
      "comes from the object beside other fields of it",
      "{ shelves { all { __typename refs { id } other: refs { b: ctx } refs { ctx } next { __typename } } } }",
    ],
    ["comes from the object when it is put off", "{ shelves { all { refs { id ... @defer { ctx } } } } }"],
  ])("%s", async (_, document) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      await expectAgreement({
        subgraphs: SUBGRAPHS,
        data: { seed, nullPercent: 10, errorPercent: 0, missPercent: 0 },
        operation: { document, variables: {} },
      });
    }
  });
});

test.each([
  "{ media { ... on A { x } ... on B { x } } }",
  "{ media { ... on A { ref { y } } ... on B { ref { y } } } }",
])(
  "one field of two types that a subgraph declares never null for one of them alone is given for both: %s",
  async (document) => {
    for (const errorPercent of [0, 30]) {
      for (const seed of [1, 2, 3]) {
        await expectAgreement({
          subgraphs: [
            {
              name: "alpha",
              sdl: `${FEDERATION}
                type Query { media: [Media] }
                union Media = A | B
                type A @key(fields: "id") { id: ID! }
                type B @key(fields: "id") { id: ID! }`,
            },
            {
              name: "beta",
              sdl: `${FEDERATION}
                type A @key(fields: "id") { id: ID! x: Int! @shareable ref: Book! @shareable }
                type B @key(fields: "id") { id: ID! x: Int ref: Book }
                type Book { y: Int @shareable }`,
            },
            {
              name: "gamma",
              sdl: `${FEDERATION}
                type A @key(fields: "id") { id: ID! x: Int @shareable ref: Book @shareable }
                type Book { y: Int @shareable }`,
            },
          ],
          data: { seed, nullPercent: 0, errorPercent },
          operation: { document, variables: {} },
        });
      }
    }
  },
);

test("what introspection says has the client's aliases, also those that are names of fields", async () => {
  await expectAgreement({
    subgraphs: [{ name: "alpha", sdl: `${FEDERATION} type Query { title: Int }` }],
    data: { seed: 1, nullPercent: 0, errorPercent: 0 },
    operation: { document: "{ title own: __schema { queryType { title: name own: kind } } }", variables: {} },
  });
});

test("an error of what is asked of objects of another type only is said nowhere, although two fetches share a list", async () => {
  for (const seed of [2, 3, 4, 7]) {
    await expectAgreement({
      subgraphs: [
        {
          name: "alpha",
          sdl: `${FEDERATION}
            type Query { media: [Media] }
            interface Media @key(fields: "id") { id: ID! }
            type A implements Media @key(fields: "id") { id: ID! }
            type B implements Media @key(fields: "id") { id: ID! }`,
        },
        {
          name: "beta",
          sdl: `${FEDERATION}
            type Query { charts: [[Media]] }
            type Media @key(fields: "id") @interfaceObject { id: ID! note(of: Int): Int next: Media }`,
        },
      ],
      data: { seed, nullPercent: 10, errorPercent: 15 },
      operation: {
        document: `{ media { ...F next { ...F } } charts { ...F } }
          fragment F on Media { ... on A { x: note } ... on B { y: note(of: 3) } }`,
        variables: {},
      },
    });
  }
});

describe("one response key for different fields of objects of different types", () => {
  const SUBGRAPHS = [
    {
      name: "alpha",
      sdl: `${FEDERATION}
        type Query { media: [Media] }
        interface Media @key(fields: "id") { id: ID! }
        type A implements Media @key(fields: "id") { id: ID! ref: Book best: Book }
        type B implements Media @key(fields: "id") { id: ID! ref: Book best: Book }
        type Book @key(fields: "id") { id: ID! title: String tag: String }`,
    },
    {
      name: "beta",
      sdl: `${FEDERATION}
        type Query { charts: [[Media]] }
        type Media @key(fields: "id") @interfaceObject { id: ID! note(of: Int): Int rank: Int next: Media author: Book }
        type Book @key(fields: "id") { id: ID! size(of: Int): Int weight: Int near: Book }`,
    },
  ];

  test.each([
    ["of an interface object", "... on A { note } ... on B { note(of: 1) }"],
    ["under one alias", "... on A { x: note ... @skip(if: false) { id } } ... on B { x: rank }"],
    ["of an object of theirs", "... on A { author { x: title } } ... on B { author { x: tag } }"],
    ["of objects of theirs that share an alias", "... on A { x: ref { y: size } } ... on B { x: best { y: weight } }"],
    ["of objects of other types", "... on A { x: next { rank } } ... on B { x: author { rank: weight } }"],
    ["several levels below", "... on A { next { author { x: size } } } ... on B { next { author { x: weight } } }"],
    ["at several levels", "...F next { ...F next { ...F } }"],
    ["of an entity that another subgraph is asked for", "... on A { ref { size } } ... on B { ref { size(of: 2) } }"],
    ["of one entity behind another", "... on A { ref { near { x: title } } } ... on B { ref { near { x: tag } } }"],
    ["put off", "... on A { ref { x: weight } } ... on B @defer { ref { x: size } }"],
  ])("%s gives each its own: %s", async (_where, selections) => {
    for (const [seed, percent] of [
      [2, 0],
      [7, 15],
    ] as const) {
      await expectAgreement({
        subgraphs: SUBGRAPHS,
        data: { seed, nullPercent: percent, errorPercent: percent },
        operation: {
          document: `{ media { ${selections} } charts { id ${selections} } }
              ${selections.includes("...F") ? "fragment F on Media { ... on A { note } ... on B { note(of: 3) } }" : ""}`,
          variables: {},
        },
      });
    }
  });
});

describe("one response key for a field that a subgraph never gives as null in one type, and may in another", () => {
  const typesWith = (nonNull: "" | "!") => `
    interface Part { id: ID! }
    type Disc implements Part @key(fields: "id") @shareable { id: ID! size: Int${nonNull} of: Part${nonNull} }
    type Reel implements Part @key(fields: "id") @shareable { id: ID! size: Int of: Part }
    interface Media { id: ID! part: Part parts: [Part] }
    type Film implements Media @key(fields: "id") @shareable { id: ID! part: Part${nonNull} parts: [Part${nonNull}] }
    type Song implements Media @key(fields: "id") @shareable { id: ID! part: Part parts: [Part] }`;
  const SUBGRAPHS = [
    { name: "alpha", sdl: `${FEDERATION} type Query { media: [Media] } ${typesWith("!")}` },
    { name: "beta", sdl: `${FEDERATION} type Query { unused: Int } ${typesWith("")}` },
    {
      name: "gamma",
      sdl: `${FEDERATION} type Query { owners: [Owner] } type Owner { one: Item }
        union Item = Film | Song
        type Film @key(fields: "id") { id: ID! } type Song @key(fields: "id") { id: ID! }`,
    },
  ];
  const sizes = "... on Disc { size } ... on Reel { size }";

  test.each([
    ["in objects of several types", `... on Film { part { ${sizes} } }`],
    ["below a field that is such a one", `... on Film { part { id } } ... on Song { part { ${sizes} } }`],
    [
      "two levels below one",
      `... on Film { part { id } } ... on Song { part { ... on Disc { of { ${sizes} } } ... on Reel { of { ${sizes} } } } }`,
    ],
    ["in lists", `... on Film { parts { id } } ... on Song { parts { ${sizes} } }`],
    ["of an interface and of one of its types", `... on Media { part { id } } ... on Film { part { ${sizes} } }`],
    ["of one of the types before its interface", `... on Film { parts { ${sizes} } } ... on Media { parts { id } }`],
    [
      "of an interface and of one of its types, with objects in it that both ask for",
      "... on Media { parts { ... on Disc { of { id } } } } ... on Film { parts { ... on Disc { of { ... on Disc { size } } } } }",
    ],
  ])("%s: %s", async (_where, selections) => {
    for (const [seed, percent] of [
      [3, 0],
      [8, 15],
    ] as const) {
      await expectAgreement({
        subgraphs: SUBGRAPHS,
        data: { seed, nullPercent: percent, errorPercent: percent },
        operation: {
          document: `{ media { ${selections} } owners { one { ${selections} } } }`,
          variables: {},
        },
      });
    }
  });
});

describe("what is computed for objects that only some are asked for", () => {
  const subgraphs = (nonNull: "" | "!") => [
    {
      name: "alpha",
      sdl: `${FEDERATION}
        type User @key(fields: "id") { id: ID! peer: Boolean score: Int }
        interface Media @key(fields: "id") { id: ID! author: User }
        type Song implements Media @key(fields: "id") { id: ID! author: User }
        type Film implements Media @key(fields: "id") { id: ID! author: User }`,
    },
    {
      name: "beta",
      sdl: `${FEDERATION}
        type Query { media: Media! all: [Media!] }
        type User @key(fields: "id") {
          id: ID! rank: [Boolean!]! friend: User peer: Boolean @external score: Int @external
          computed: Boolean${nonNull} @requires(fields: "peer")
          other: Int${nonNull} @requires(fields: "score")
        }
        type Media @key(fields: "id") @interfaceObject { id: ID! }`,
    },
  ];

  test.each([
    ["", "... on Film { author { computed } } author { friend { rank } }"],
    ["!", "... on Film { author { computed } } author { friend { rank } }"],
    ["", "... on Film { author { computed } } ... on Song { author { other rank } }"],
    ["!", "... on Film { author { computed rank } } ... on Song { author { other } }"],
    ["!", "... on Film { author { computed } } ... on Song { author { other computed } } author { id }"],
  ] as const)("asks nobody to be told what only they are: Boolean%s, %s", async (nonNull, selections) => {
    for (const [seed, percent] of [
      [1, 0],
      [2, 0],
      [5, 15],
    ] as const) {
      await expectAgreement({
        subgraphs: subgraphs(nonNull),
        data: { seed, nullPercent: percent, errorPercent: percent },
        operation: { document: `{ media { ${selections} } all { ${selections} } }`, variables: {} },
      });
    }
  });
});

test("a context's value is asked of the subgraph that knows it, and not of one before that only declares it", async () => {
  for (const [seed, selections] of [
    [1, "cover { print spine }"],
    [2, "cover { spine } cover { print }"],
  ] as const) {
    await expectAgreement({
      subgraphs: [
        {
          name: "alpha",
          sdl: `${FEDERATION} type Query { books: [Book] }
            type Book @key(fields: "id") {
              id: ID! colour: String @external shade: Int @requires(fields: "colour") pages: Int @override(from: "beta")
            }`,
        },
        {
          name: "beta",
          sdl: `${FEDERATION} type Book @key(fields: "id") @context(name: "above") {
              id: ID! colour: String pages: Int cover: Cover
            }
            type Cover @key(fields: "id") {
              id: ID!
              print(told: String @fromContext(field: "$above { colour }")): String
              spine(told: Int @fromContext(field: "$above { pages }")): String
            }`,
        },
      ],
      data: { seed, nullPercent: 0, errorPercent: 0 },
      operation: { document: `{ books { ${selections} } }`, variables: {} },
    });
  }
});

test("a computed field comes after what it requires where a part of its key is another entity's", async () => {
  const meta = "type Meta { code: Int @shareable }";
  await expectAgreement({
    subgraphs: [
      {
        name: "alpha",
        sdl: `${FEDERATION} type Query { books: [Book] } type Book @key(fields: "id") { id: ID! meta: Meta @shareable }
          type Meta @key(fields: "id") { id: ID! }`,
      },
      { name: "beta", sdl: `${FEDERATION} type Meta @key(fields: "id") { id: ID! code: Int @shareable }` },
      {
        name: "gamma",
        sdl: `${FEDERATION} type Book @key(fields: "meta { code }") { meta: Meta @shareable size: String } ${meta}`,
      },
      {
        name: "omega",
        sdl: `${FEDERATION} type Book @key(fields: "meta { code }") {
            meta: Meta @shareable size: String @external computed: String @requires(fields: "size")
          } ${meta}`,
      },
    ],
    data: { seed: 1, nullPercent: 0, errorPercent: 0 },
    operation: { document: "{ books { computed } }", variables: {} },
  });
});

test("a field that requires computed fields of its own object and of another comes after what they require", async () => {
  const root = `type Query { book: Book @shareable } type Book @key(fields: "id", resolvable: false) { id: ID! }`;
  await expectAgreement({
    subgraphs: [
      { name: "alpha", sdl: `${FEDERATION} ${root}` },
      {
        name: "beta",
        sdl: `${FEDERATION} ${root}
          type User @key(fields: "id") { id: ID! name: String likes: Book age: String @shareable }`,
      },
      {
        name: "gamma",
        sdl: `${FEDERATION} type Book @key(fields: "id") @key(fields: "meta { id }") {
            id: ID! meta: Meta! sequel: Book size: String @external weight: String @requires(fields: "size")
          }
          type Meta { id: ID! }`,
      },
      {
        name: "omega",
        sdl: `${FEDERATION} type Book @key(fields: "meta { id }") {
            meta: Meta! owner: User size: String weight: String @external sequel: Book @external
            buyers: [User]! @requires(fields: "sequel { weight } weight")
          }
          type Meta { id: ID! }
          type User @key(fields: "id", resolvable: false) { id: ID! rank: String age: String @shareable }`,
      },
    ],
    data: { seed: 1, nullPercent: 0, errorPercent: 0 },
    operation: { document: "{ book { buyers { likes { owner { name rank age } } } } }", variables: {} },
  });
});

test.each(["home { id ... @defer { code } }", "home { ... @defer { code } id } ... @defer { size }"])(
  "what is null in a part is explained by the error that a part before has told: %s",
  async (selections) => {
    await expectAgreement({
      subgraphs: [
        {
          name: "alpha",
          sdl: `${FEDERATION} type User @key(fields: "id") { id: ID! home: UserHome! @shareable }
            type UserHome @key(fields: "id") { id: ID! }`,
        },
        {
          name: "gamma",
          sdl: `${FEDERATION} type User @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! }`,
        },
        {
          name: "delta",
          sdl: `${FEDERATION} type Query { user: User @shareable } type User @key(fields: "id") { id: ID! }`,
        },
        {
          name: "omega",
          sdl: `${FEDERATION} type Query { user: User @shareable }
            type User @key(fields: "sku") { sku: String! home: UserHome! @shareable size: Int } type UserHome { code: String! }`,
        },
      ],
      // Nobody is to be blamed for a value that he never gave.
      data: { seed: 16_277, nullPercent: 0, errorPercent: 8, missPercent: 15 },
      operation: { document: `{ user { ${selections} } }`, variables: {} },
    });
  },
);
