import { federationLink } from "../../test/harness/compose";
import { createInMemoryGraph } from "./in-memory-graph";

const LINK = federationLink('["@key", "@shareable"]');

/** Two subgraphs give the pages of a book, and `stock` does not know the book: nobody gives what it alone has of the pages. */
const graph = createInMemoryGraph({
  shop: {
    sdl: `${LINK} type Query { book: Book } type Book @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: { Query: { book: () => ({ id: "1" }) } },
  },
  texts: {
    sdl: `${LINK} type Book @key(fields: "id") { id: ID! pages: [Page!] @shareable } type Page { text: String }`,
    resolvers: { Book: { __resolveReference: ({ id }: { id: string }) => ({ id, pages: [{ text: "t" }] }) } },
  },
  stock: {
    sdl: `${LINK} type Book @key(fields: "id") { id: ID! pages: [Page!] @shareable }
      type Page { size: Int owner: Owner } type Owner @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: { Book: { __resolveReference: () => null } },
  },
  owners: {
    sdl: `${LINK} type Owner @key(fields: "id") { id: ID! name: String }`,
    resolvers: { Owner: { name: () => "n" } },
  },
});

test("what a subgraph would say below an entity it does not know is null, and nobody is blamed for a wrong value", async () => {
  const { data, errors } = await graph.run("{ book { pages { text size owner { name } } } }");
  expect(JSON.parse(data ?? "")).toEqual({ book: { pages: [{ text: "t", size: null, owner: null }] } });
  expect(errors.map(({ path, extensions }) => [path?.join("."), extensions["code"]])).toEqual([
    ["book.pages.0.size", "ENTITY_NOT_FOUND"],
    ["book.pages.0.owner", "ENTITY_NOT_FOUND"],
  ]);
});

/** The owner of an interface does not know the entity: of what type it is, which decides whether it is asked on, nobody can say. */
const untyped = createInMemoryGraph({
  shop: {
    sdl: `${federationLink('["@key", "@interfaceObject"]')} type Query { media: Media }
      type Media @key(fields: "id") @interfaceObject { id: ID! name: String! first: Page}
      type Page { text: String size: Int }`,
    resolvers: {
      Query: { media: () => ({ id: "1", first: { text: "t", size: 3 } }) },
      Media: { __resolveReference: ({ id }: { id: string }) => ({ id, name: "n", first: { text: "t", size: 3 } }) },
    },
  },
  shelf: {
    sdl: `${LINK} interface Media @key(fields: "id") { id: ID! } type Song implements Media @key(fields: "id") { id: ID! }`,
    resolvers: { Media: { __resolveReference: () => null }, Song: { __resolveReference: () => null } },
  },
});

test.each([
  ["{ media { ... on Song { name } } }", { media: null }, "media.name"],
  [
    "{ media { first { text } ... on Song { first { size } } } }",
    { media: { first: { text: "t", size: null } } },
    "media.first.size",
  ],
])(
  "an interface object that its owner does not know is not asked for what it has as a type: %s",
  async (query, data, place) => {
    const result = await untyped.run(query);
    expect(JSON.parse(result.data ?? "")).toEqual(data);
    expect(result.errors.map(({ path, extensions }) => [path?.join("."), extensions["code"]])).toEqual([
      [place, "ENTITY_NOT_FOUND"],
    ]);
  },
);
