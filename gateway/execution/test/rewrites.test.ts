import { parse } from "graphql";
import { federationLink } from "../../test/harness/compose";
import { createPositions, type Source } from "../layout/position";
import { readSupergraphTypes } from "../layout/supergraph-types";
import { createContextValues } from "../run/context-values";
import { rewriteData } from "../run/rewrite-data";
import { createState } from "../run/state";
import type { JoinTold } from "../run/told";
import { createInMemoryGraph } from "./in-memory-graph";

const types = readSupergraphTypes(
  parse("interface I { a: Int } type A implements I { a: Int } type B implements I { a: Int } union U = A | B"),
);

const NOWHERE = {} as Source;

describe("type names", () => {
  it("of an interface are its own and those of its objects", () => {
    expect([...types.namesUnder("I")].sort()).toEqual(["A", "B", "I"]);
    expect([...types.namesUnder("A")]).toEqual(["A"]);
    expect([...types.namesUnder("nobody")]).toEqual(["nobody"]);
  });

  it.each([
    ["B", "A", "B"],
    ["I", "A", "A"],
    ["U", undefined, "U"],
    [undefined, "A", "A"],
    [7, "A", "A"],
    ["A", "I", "A"],
  ])("of the later %j and the earlier %j counts %j", (later, earlier, counts) => {
    expect(types.latestTypename(later, earlier)).toBe(counts);
  });
});

describe("rewriting data", () => {
  const rename = (path: string[], renameKeyTo: string) => ({ kind: "KeyRenamer" as const, path, renameKeyTo });
  const set = (path: string[], setValueTo: unknown) => ({ kind: "ValueSetter" as const, path, setValueTo });

  it.each<[string, unknown, Parameters<typeof rewriteData>[1], unknown]>([
    ["a key of an object", { a: 1 }, [rename(["a"], "b")], { b: 1 }],
    ["keys in lists of lists", [[{ a: 1 }, null], 7], [rename(["a"], "b")], [[{ b: 1 }, null], 7]],
    ["a list that the path names", { l: [{ a: 1 }] }, [rename(["l", "@", "a"], "b")], { l: [{ b: 1 }] }],
    [
      "only objects of a type",
      [
        { __typename: "A", a: 1 },
        { __typename: "B", a: 2 },
      ],
      [rename(["... on A", "a"], "b")],
      [
        { __typename: "A", b: 1 },
        { __typename: "B", a: 2 },
      ],
    ],
    ["an object that nobody asked for its type", [{ a: 1 }], [rename(["... on A", "a"], "b")], [{ b: 1 }]],
    ["a value", { __typename: "A" }, [set(["... on I", "__typename"], "I")], { __typename: "I" }],
    ["nothing where there is no such key", { c: 1 }, [rename(["a"], "b"), rename(["a", "b"], "c")], { c: 1 }],
    ["nothing inherited", {}, [rename(["constructor", "name"], "b"), rename(["toString"], "b")], {}],
    ["nothing in what is no object", "text", [rename(["length"], "b")], "text"],
  ])("%s", (_what, data, rewrites, expected) => {
    rewriteData(data, rewrites, types);
    expect(data).toEqual(expected);
  });
});

describe("values of contexts", () => {
  const rule = (path: string[], renameKeyTo = "c") => ({ kind: "KeyRenamer" as const, path, renameKeyTo });
  const way = [
    [{ currency: "ROOT" }],
    [{ __typename: "A", currency: "EUR", deep: { value: 1 }, none: null }, undefined],
    [{ id: 1 }],
    [{ id: 2 }, { own: "mine" }],
  ];

  it.each([
    ["the object itself", [rule(["own"])], { given: { c: "mine" } }],
    ["a step up", [rule(["..", "id"])], { given: { c: 1 } }],
    ["two steps up", [rule(["..", "..", "currency"])], { given: { c: "EUR" } }],
    ["the way down again", [rule(["..", "..", "deep", "value"])], { given: { c: 1 } }],
    ["null that somebody said", [rule(["..", "..", "none"])], { given: { c: null } }],
    ["null below a null that somebody said", [rule(["..", "..", "none", "value"])], { given: { c: null } }],
    [
      "the condition that holds",
      [rule(["..", "..", "... on B", "currency"]), rule(["..", "..", "... on A", "currency"])],
      { given: { c: "EUR" } },
    ],
    ["null where none holds", [rule(["..", "..", "... on B", "currency"])], { given: { c: null } }],
    ["null above the root", [rule(["..", "..", "..", "..", "currency"])], { given: { c: null } }],
    ["nothing where nobody said anything", [rule(["..", "..", "deep", "nobody"])], { lack: undefined }],
    ["nothing for what is inherited", [rule(["..", "constructor"])], { lack: undefined }],
  ])("%s", (_what, rules, expected) => {
    const { root: position } = createPositions([]);
    const levels = way.map((parts) => ({ position, sources: parts.map(() => NOWHERE) }));
    const state = createState(0, 0, {});
    const join: JoinTold = (_state, _position, told) => told;
    expect(createContextValues(rules, levels, { join, findLack: () => undefined })(state, way)).toEqual(expected);
  });

  it("come from the entity that is asked about when a field below it takes them", async () => {
    const link = federationLink('["@key", "@context", "@fromContext", "@override"]');
    const graph = createInMemoryGraph({
      texts: {
        sdl: `${link} type Book @key(fields: "id") @context(name: "book") { id: ID! size: Int chapter: Chapter }
          type Chapter @key(fields: "id") { id: ID! note(size: Int @fromContext(field: "$book { size }")): String }`,
        resolvers: {
          Book: { chapter: () => ({ id: "c" }) },
          Chapter: { note: (_: unknown, { size }: { size: number }) => `of ${size}` },
        },
      },
      shelf: {
        sdl: `${link} type Query { books: [Book!] } type Book @key(fields: "id") { id: ID! size: Int @override(from: "texts") }`,
        resolvers: { Query: { books: () => [1, 2, 2].map((size, i) => ({ id: String(i), size })) } },
      },
    });
    const { data, errors } = await graph.run("{ books { chapter { note } } }");
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toEqual({ books: [1, 2, 2].map((size) => ({ chapter: { note: `of ${size}` } })) });
  });

  it("come from an object further up whose value another subgraph gives", async () => {
    const link = federationLink('["@key", "@context", "@fromContext", "@external"]');
    const graph = createInMemoryGraph({
      shops: {
        sdl: `${link} type Query { shops: [Shop!]! main: Shop }
          type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String @external items: [Item!]! }
          type Item @key(fields: "id") { id: ID! price(in: String @fromContext(field: "$shop { currency }")): String }`,
        resolvers: {
          Query: { shops: () => [{ id: "1" }, { id: "2" }, { id: "1" }], main: () => ({ id: "2" }) },
          Shop: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            items: ({ id }: { id: string }) => [{ id: "a" }, { id: `b${id}` }],
          },
          Item: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            price: ({ id }: { id: string }, given: { in: string }) => `${id} ${given.in}`,
          },
        },
      },
      money: {
        sdl: `${link} type Shop @key(fields: "id") { id: ID! currency: String }`,
        resolvers: {
          Shop: {
            __resolveReference: ({ id }: { id: string }) => ({ id, currency: { 1: "EUR", 2: "USD" }[id] }),
          },
        },
      },
    });
    const { data, errors } = await graph.run("{ shops { items { price } } main { items { price } } }");
    expect(errors).toEqual([]);
    const [one, two] = [
      ["a EUR", "b1 EUR"],
      ["a USD", "b2 USD"],
    ].map((prices) => ({
      items: prices.map((price) => ({ price })),
    }));
    expect(JSON.parse(data ?? "")).toEqual({ shops: [one, two, one], main: two });
  });

  it("come from below an object further up, lists and other subgraphs in between", async () => {
    const link = federationLink('["@key", "@context", "@fromContext", "@external"]');
    const selection = (text: string) => `@fromContext(field: "$shop { org { ${text} } }")`;
    const graph = createInMemoryGraph({
      shops: {
        sdl: `${link} type Query { shops: [Shop!]! }
          type Shop @key(fields: "id") @context(name: "shop") { id: ID! org: Org items: [Item!]! }
          type Org @key(fields: "id") { id: ID! currency: String @external boards: [Board] }
          type Board @key(fields: "id") { id: ID! name: String @external }
          type Item @key(fields: "id") { id: ID!
            price(in: String ${selection("currency")}): String
            names(of: [String] ${selection("boards { name }")}): String }`,
        resolvers: {
          Query: { shops: () => ["1", "2", "1", "3"].map((id) => ({ id })) },
          Shop: {
            org: ({ id }: { id: string }) =>
              id === "3" ? null : { id, boards: [{ id: "x" }, null, { id: `y${id}` }] },
            items: ({ id }: { id: string }) => [{ id: `a${id}` }],
          },
          Item: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            price: ({ id }: { id: string }, given: { in: unknown }) => `${id} ${JSON.stringify(given.in)}`,
            names: ({ id }: { id: string }, { of }: { of: unknown }) => `${id} ${JSON.stringify(of)}`,
          },
        },
      },
      money: {
        sdl: `${link} type Org @key(fields: "id") { id: ID! currency: String } type Board @key(fields: "id") { id: ID! name: String }`,
        resolvers: {
          Org: {
            __resolveReference: ({ id }: { id: string }) => ({ id, currency: { 1: "EUR", 2: "USD" }[id] }),
          },
          Board: { __resolveReference: ({ id }: { id: string }) => ({ id, name: id.toUpperCase() }) },
        },
      },
    });
    const { data, errors } = await graph.run("{ shops { items { price names } } }");
    expect(errors).toEqual([]);
    const shop = (id: string, price: string, names: string) => ({
      items: [{ price: `a${id} ${price}`, names: `a${id} ${names}` }],
    });
    const [one, two] = [shop("1", '"EUR"', '["X",null,"Y1"]'), shop("2", '"USD"', '["X",null,"Y2"]')];
    expect(JSON.parse(data ?? "")).toEqual({ shops: [one, two, one, shop("3", "null", "null")] });
  });

  it("entities under different values are asked apart, each with its own", async () => {
    const link = federationLink('["@key", "@context", "@fromContext"]');
    const graph = createInMemoryGraph({
      shops: {
        sdl: `${link} type Query { shops: [Shop!]! }
          type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String! items: [Item!]! }
          type Item @key(fields: "id") { id: ID! price(in: String @fromContext(field: "$shop { currency }")): String }`,
        resolvers: {
          Query: {
            shops: () =>
              [
                ["1", "EUR"],
                ["2", "USD"],
                ["3", "EUR"],
              ].map(([id, currency]) => ({ id, currency, items: [{ id: "a" }, { id: `b${id}` }] })),
          },
          Item: {
            __resolveReference: ({ id }: { id: string }) => ({ id }),
            price: ({ id }: { id: string }, given: { in: string }) => `${id} ${given.in}`,
          },
        },
      },
      others: { sdl: `${link} type Query { other: Int }`, resolvers: {} },
    });
    const { data, errors } = await graph.run("{ shops { items { price } } }");
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toEqual({
      shops: [
        { items: [{ price: "a EUR" }, { price: "b1 EUR" }] },
        { items: [{ price: "a USD" }, { price: "b2 USD" }] },
        { items: [{ price: "a EUR" }, { price: "b3 EUR" }] },
      ],
    });
  });
});
