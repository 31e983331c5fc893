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
