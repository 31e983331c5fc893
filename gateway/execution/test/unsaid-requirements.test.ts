import { federationLink } from "../../test/harness/compose";
import { createInMemoryGraph, type InMemoryGraph, type SentCall } from "./in-memory-graph";

const LINK = federationLink('["@key", "@external", "@requires", "@context", "@fromContext", "@override"]');

const answerOf = async (graph: InMemoryGraph, query: string) => {
  const { data, errors } = await graph.run(query);
  return {
    data: JSON.parse(data ?? "") as unknown,
    errors: errors.map(({ path, message, extensions }) => [path?.join("."), extensions["code"] ?? message]),
  };
};

const representationsFor = (sent: readonly SentCall[], subgraph: string): unknown =>
  sent.filter((call) => call.subgraph === subgraph).flatMap(({ variables }) => variables["representations"]);

describe("a field that requires something of an object inside", () => {
  const MISSING = "missing";
  const UNTITLED = "untitled";
  const FAILING = "failing";

  /** Readers with books; `texts` does not know one book, has null for the title of another and fails for a third. */
  const readers = (books: readonly (string | null)[], title = "String") =>
    createInMemoryGraph({
      people: {
        sdl: `${LINK} type Query { reader: Reader } type Reader @key(fields: "id") { id: ID! book: Book books: [Book] }
          type Book @key(fields: "id", resolvable: false) { id: ID! }`,
        resolvers: {
          Query: { reader: () => ({ id: "1" }) },
          Reader: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            book: () => (books[0] ? { id: books[0] } : null),
            books: () => books.map((id) => (id ? { id } : null)),
          },
        },
      },
      texts: {
        sdl: `${LINK} type Book @key(fields: "id") { id: ID! title: ${title} }`,
        resolvers: {
          Book: {
            __resolveReference: ({ id }: { id: string }) => (id === MISSING ? null : { id }),
            title: ({ id }: { id: string }) => {
              if (id === FAILING) throw new Error("the title cannot be read");
              return id === UNTITLED ? null : `of ${id}`;
            },
          },
        },
      },
      badges: {
        sdl: `${LINK} type Reader @key(fields: "id") { id: ID! book: Book @external books: [Book] @external since: Int
            badge: String @requires(fields: "book { title }") shelf: String @requires(fields: "books { title }") }
          type Book @key(fields: "id", resolvable: false) { id: ID! title: ${title} @external }`,
        resolvers: {
          Reader: {
            __resolveReference: (representation: unknown) => representation,
            since: () => 1999,
            badge: ({ book }: { book: unknown }) => JSON.stringify(book),
            shelf: ({ books: given }: { books: unknown }) => JSON.stringify(given),
          },
        },
      },
    });

  it("is not computed where a subgraph does not know that object, and the error says so", async () => {
    const graph = readers([MISSING]);
    expect(await answerOf(graph, "{ reader { id badge } }")).toEqual({
      data: { reader: { id: "1", badge: null } },
      errors: [["reader.badge", "ENTITY_NOT_FOUND"]],
    });
    expect(representationsFor(graph.sent, "badges")).toEqual([]);
  });

  it("is not computed where it requires something of a list in which one object is not known", async () => {
    expect(await answerOf(readers(["a", MISSING]), "{ reader { shelf } }")).toEqual({
      data: { reader: { shelf: null } },
      errors: [["reader.shelf", "ENTITY_NOT_FOUND"]],
    });
  });

  it.each([
    ["the object is null", [null], "badge", "null"],
    ["its field is null", [UNTITLED], "badge", `{"title":null}`],
    ["an element of a list is null", [null, "a"], "shelf", `[null,{"title":"of a"}]`],
  ])("is computed from null where its subgraph said that %s", async (_what, books, field, computed) => {
    expect(await answerOf(readers(books), `{ reader { value: ${field} } }`)).toEqual({
      data: { reader: { value: computed } },
      errors: [],
    });
  });

  it("is null by the error that made the object null in its subgraph", async () => {
    expect(await answerOf(readers([FAILING], "String!"), "{ reader { badge } }")).toEqual({
      data: { reader: { badge: null } },
      errors: [["reader.badge", "the title cannot be read"]],
    });
  });

  it("takes no other field of its subgraph with it", async () => {
    expect(await answerOf(readers([MISSING]), "{ reader { since badge } }")).toEqual({
      data: { reader: { since: 1999, badge: null } },
      errors: [["reader.badge", "ENTITY_NOT_FOUND"]],
    });
  });
});

describe("a field that takes an argument from a context", () => {
  /** Shops whose currency another subgraph gives: that of shop 1 is null, and shop 2 is not known there. */
  const shops = (ids: readonly string[]) =>
    createInMemoryGraph({
      shops: {
        sdl: `${LINK} type Query { shops: [Shop] }
          type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String item: Item }
          type Item @key(fields: "id") { id: ID! price(in: String @fromContext(field: "$shop { currency }")): String }`,
        resolvers: {
          Query: { shops: () => ids.map((id) => ({ id, item: { id: `i${id}` } })) },
          Shop: { __resolveReference: ({ id }: { id: string }) => ({ id }) },
          Item: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            price: ({ id }: { id: string }, given: { in: unknown }) => `${id} ${JSON.stringify(given)}`,
          },
        },
      },
      banks: {
        sdl: `${LINK} type Shop @key(fields: "id") { id: ID! currency: String @override(from: "shops") }`,
        resolvers: {
          Shop: {
            __resolveReference: ({ id }: { id: string }) =>
              id === "2" ? null : { id, currency: id === "1" ? null : `c${id}` },
          },
        },
      },
    });

  it("is asked with null only where a subgraph said null", async () => {
    const graph = shops(["0", "1", "2"]);
    expect(await answerOf(graph, "{ shops { item { price } } }")).toEqual({
      data: {
        shops: [
          { item: { price: `i0 {"in":"c0"}` } },
          { item: { price: `i1 {"in":null}` } },
          { item: { price: null } },
        ],
      },
      errors: [["shops.2.item.price", "ENTITY_NOT_FOUND"]],
    });
  });

  it("asks nobody where the value is known of no object", async () => {
    const graph = shops(["2"]);
    expect((await answerOf(graph, "{ shops { item { price } } }")).data).toEqual({
      shops: [{ item: { price: null } }],
    });
    expect(graph.sent.filter(({ query }) => query.includes("price"))).toEqual([]);
  });
});
