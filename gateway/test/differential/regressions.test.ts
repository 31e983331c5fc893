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
