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
