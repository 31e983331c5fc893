import type { Operation } from "./answerer";
import { ref, type Table } from "./table-data";

export interface KnownCase {
  readonly name: string;
  /** SDL by name of the subgraph, without the `@link`. */
  readonly subgraphs: Readonly<Record<string, string>>;
  readonly table: Table;
  readonly unknownTo?: Readonly<Record<string, readonly string[]>>;
  readonly document: string;
  readonly variables?: Operation["variables"];
  readonly expected: unknown;
  /** Paths of the errors, joined by dots; none by default. */
  readonly errors?: readonly string[];
  /** Why one schema over the same data cannot know the answer. */
  readonly monolithDiffers?: string;
  /** What the stock executor does instead. */
  readonly stockDiffers?: string;
}

const postage = (_: unknown, { weight }: Record<string, unknown>) => `for ${String(weight)}`;
const weight = ({ unit }: Readonly<Record<string, unknown>>) => (unit === "g" ? 2000 : unit === "lb" ? 4 : 2);

const parcels = {
  Query: { "": { parcel: ref("Parcel", "1") } },
  Parcel: {
    1: {
      id: "1",
      weight,
      postage,
      insurance: (_: unknown, required: Record<string, unknown>) => `of ${String(required["weight"])}`,
    },
  },
};

const media = {
  library: `
    type Query { shelf: [Media] }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Song implements Media @key(fields: "id") { id: ID! title: String bars: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }`,
  reviews: `
    type Query { bestRated: [Media] }
    type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`,
};
const mediaTable = {
  Query: { "": { shelf: [ref("Song", "s"), ref("Film", "f")], bestRated: [ref("Film", "f"), ref("Song", "s")] } },
  Song: { s: { id: "s", title: "Air", bars: 12, stars: 4 } },
  Film: { f: { id: "f", title: "Rope", minutes: 80, stars: 5 } },
};

export const KNOWN_CASES: readonly KnownCase[] = [
  {
    name: "a required field with arguments is not the one that the client selects with others",
    subgraphs: {
      shop: `type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! weight(unit: String!): Int! }`,
      post: `type Parcel @key(fields: "id") {
        id: ID! weight(unit: String!): Int! @external
        postage: String @requires(fields: "weight(unit: \\"g\\")") }`,
    },
    table: parcels,
    document: `{ parcel { weight(unit: "kg") postage } }`,
    expected: { parcel: { weight: 2, postage: "for 2000" } },
    stockDiffers: "the representation has the client's weight",
  },
  {
    name: "two fields require the same field with different arguments",
    subgraphs: {
      shop: `type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! weight(unit: String!): Int! }`,
      post: `type Parcel @key(fields: "id") {
        id: ID! weight(unit: String!): Int! @external
        postage: String @requires(fields: "weight(unit: \\"g\\")")
        insurance: String @requires(fields: "weight(unit: \\"lb\\")") }`,
    },
    table: parcels,
    document: `{ parcel { postage insurance } }`,
    expected: { parcel: { postage: "for 2000", insurance: "of 4" } },
    stockDiffers: "one of the two weights reaches both",
  },
  {
    name: "a key marked unresolvable is never used to enter its subgraph",
    subgraphs: {
      orders: `type Query { order: Order } type Order @key(fields: "id") { id: ID! buyer: User }
        type User @key(fields: "id", resolvable: false) { id: ID! }`,
      users: `type User @key(fields: "id") { id: ID! name: String }`,
    },
    table: {
      Query: { "": { order: ref("Order", "1") } },
      Order: { 1: { id: "1", buyer: ref("User", "u") } },
      User: { u: { id: "u", name: "Ada" } },
    },
    document: `{ order { buyer { id name } } }`,
    expected: { order: { buyer: { id: "u", name: "Ada" } } },
  },
  {
    name: "the name of an interface object's type is asked of the subgraph that knows it",
    subgraphs: media,
    table: mediaTable,
    document: `{ bestRated { __typename id stars title ... on Film { minutes } ... on Song { bars } } }`,
    expected: {
      bestRated: [
        { __typename: "Film", id: "f", stars: 5, title: "Rope", minutes: 80 },
        { __typename: "Song", id: "s", stars: 4, title: "Air", bars: 12 },
      ],
    },
  },
  {
    name: "fields of an interface object need no name of a type",
    subgraphs: media,
    table: mediaTable,
    document: `{ bestRated { stars } shelf { stars __typename } }`,
    expected: {
      bestRated: [{ stars: 5 }, { stars: 4 }],
      shelf: [
        { stars: 4, __typename: "Song" },
        { stars: 5, __typename: "Film" },
      ],
    },
  },
  {
    name: "a condition on a type holds for an interface object's fields too",
    subgraphs: media,
    table: mediaTable,
    document: `{ shelf { ... on Film { stars kind: __typename } } bestRated { ... on Song { stars } } }`,
    expected: { shelf: [{}, { stars: 5, kind: "Film" }], bestRated: [{}, { stars: 4 }] },
  },
  {
    name: "an interface object that nobody can name is an error",
    subgraphs: media,
    table: mediaTable,
    unknownTo: { library: ["Film:f"] },
    document: `{ bestRated { __typename stars } }`,
    expected: { bestRated: [null, { __typename: "Song", stars: 4 }] },
    errors: ["bestRated.0"],
    monolithDiffers: "it knows the film",
    stockDiffers: "the null has no error",
  },
  {
    name: "required fields that are required themselves are computed first",
    subgraphs: {
      a: `type Query { box: Box } type Box @key(fields: "id") { id: ID! width: Int }`,
      b: `type Box @key(fields: "id") { id: ID! width: Int @external area: Int @requires(fields: "width") }`,
      c: `type Box @key(fields: "id") { id: ID! area: Int @external price: Int @requires(fields: "area") }`,
    },
    table: {
      Query: { "": { box: ref("Box", "1") } },
      Box: {
        1: {
          id: "1",
          width: 3,
          area: (_: unknown, required: Record<string, unknown>) => Number(required["width"]) ** 2,
          price: (_: unknown, required: Record<string, unknown>) => Number(required["area"]) * 10,
        },
      },
    },
    document: `{ box { price } }`,
    expected: { box: { price: 90 } },
  },
  {
    name: "required selections reach through lists of lists into other subgraphs",
    subgraphs: {
      a: `type Query { grid: Grid } type Grid @key(fields: "id") { id: ID! cells: [[Cell]] } type Cell @key(fields: "id") { id: ID! }`,
      b: `type Cell @key(fields: "id") { id: ID! value: Int }`,
      c: `type Grid @key(fields: "id") { id: ID! cells: [[Cell]] @external sum: Int @requires(fields: "cells { value }") }
        type Cell @key(fields: "id") { id: ID! value: Int @external }`,
    },
    table: {
      Query: { "": { grid: ref("Grid", "1") } },
      Grid: {
        1: {
          id: "1",
          cells: [[ref("Cell", "1"), ref("Cell", "2")], [], null, [null, ref("Cell", "3")]],
          sum: (_: unknown, required: Record<string, unknown>) =>
            (required["cells"] as ({ value: number } | null)[][])
              .flat()
              .reduce((sum, cell) => sum + (cell?.value ?? 0), 0),
        },
      },
      Cell: { 1: { id: "1", value: 1 }, 2: { id: "2", value: 20 }, 3: { id: "3", value: 300 } },
    },
    document: `{ grid { sum } }`,
    expected: { grid: { sum: 321 } },
    stockDiffers: "the inner objects of the representation are null",
  },
  {
    name: "provided fields of interfaces and unions are taken where they are provided",
    subgraphs: {
      feed: `type Query {
          top: Post @provides(fields: "... on Photo { title } ... on Note { title }")
          any: Entry @provides(fields: "... on Photo { title }") }
        interface Post { id: ID! } union Entry = Photo | Note
        type Photo implements Post @key(fields: "id") { id: ID! title: String @external }
        type Note implements Post @key(fields: "id") { id: ID! title: String @external }`,
      posts: `type Photo @key(fields: "id") { id: ID! title: String @shareable size: Int }
        type Note @key(fields: "id") { id: ID! title: String @shareable }`,
    },
    table: {
      Query: { "": { top: ref("Note", "n"), any: ref("Note", "n") } },
      Photo: { p: { id: "p", title: "Sea", size: 9 } },
      Note: { n: { id: "n", title: "Buy milk" } },
    },
    document: `{ top { id ... on Photo { title size } ... on Note { title } } any { ... on Photo { title } ... on Note { title } } }`,
    expected: { top: { id: "n", title: "Buy milk" }, any: { title: "Buy milk" } },
  },
  {
    name: "a root field that two subgraphs share is completed from both",
    subgraphs: {
      a: `type Query { config: Config @shareable } type Config { name: String @shareable left: Int @shareable }`,
      b: `type Query { config: Config @shareable } type Config { name: String @shareable right: Int @shareable }`,
    },
    table: {
      Query: { "": { config: ref("Config", "1") } },
      Config: { 1: { name: "main", left: 1, right: 2 } },
    },
    document: `{ config { right left name } again: config { left } }`,
    expected: { config: { right: 2, left: 1, name: "main" }, again: { left: 1 } },
  },
  {
    name: "mutations of two subgraphs run one after the other, in the document's order",
    subgraphs: {
      a: `type Query { x: Int } type Mutation { addA(n: Int): String }`,
      b: `type Mutation { addB(n: Int): String }`,
    },
    table: {
      Query: { "": { x: 1 } },
      Mutation: {
        "": {
          addA: ({ n }: Readonly<Record<string, unknown>>, _: unknown, turn: number | undefined) =>
            `a${String(n)} as ${turn}`,
          addB: ({ n }: Readonly<Record<string, unknown>>, _: unknown, turn: number | undefined) =>
            `b${String(n)} as ${turn}`,
        },
      },
    },
    document: `mutation ($n: Int = 7) { one: addB(n: 1) two: addA(n: $n) three: addB(n: 3) four: addB(n: 4) __typename five: addA(n: 5) }`,
    expected: {
      one: "b1 as 0",
      two: "a7 as 1",
      three: "b3 as 2",
      four: "b4 as 3",
      __typename: "Mutation",
      five: "a5 as 4",
    },
  },
  {
    name: "mutations within fragments keep the document's order too",
    subgraphs: {
      a: `type Query { x: Int } type Mutation { addA(n: Int): String }`,
      b: `type Mutation { addB(n: Int): String }`,
    },
    table: {
      Query: { "": { x: 1 } },
      Mutation: {
        "": {
          addA: ({ n }: Readonly<Record<string, unknown>>, _: unknown, turn: number | undefined) =>
            `a${String(n)} as ${turn}`,
          addB: ({ n }: Readonly<Record<string, unknown>>, _: unknown, turn: number | undefined) =>
            `b${String(n)} as ${turn}`,
        },
      },
    },
    document: `mutation { ... on Mutation { one: addB(n: 1) } two: addA(n: 2) ... on Mutation { three: addB(n: 3) } }`,
    expected: { one: "b1 as 0", two: "a2 as 1", three: "b3 as 2" },
    stockDiffers: "fields of fragments are put together, and run too early",
  },
  {
    name: "an operation of which conditions leave nothing is answered with nothing",
    subgraphs: { a: `type Query { x: Int }` },
    table: { Query: { "": { x: 1 } } },
    document: `query ($no: Boolean = false) { x @include(if: $no) ... @skip(if: true) { x } }`,
    expected: {},
  },
  {
    name: "a value of an enum that clients do not know is null with an error",
    subgraphs: {
      a: `type Query { states: [State] state: State others: [Thing] } enum State { ON OFF SECRET @inaccessible }
        type Thing @key(fields: "id") { id: ID! }`,
      b: `type Thing @key(fields: "id") { id: ID! state: State } enum State { ON OFF SECRET }`,
    },
    table: {
      Query: { "": { states: ["ON", "SECRET", "OFF"], state: "SECRET", others: [ref("Thing", "1")] } },
      Thing: { 1: { id: "1", state: "SECRET" } },
    },
    document: `{ states state others { state } }`,
    expected: { states: ["ON", null, "OFF"], state: null, others: [{ state: null }] },
    errors: ["others.0.state", "state", "states.1"],
    stockDiffers: "nulls without errors",
  },
  {
    name: "an object without a key keeps what it has, and nothing is fetched for it",
    subgraphs: {
      a: `type Query { users: [User] } type User @key(fields: "id") { id: ID nick: String }`,
      b: `type User @key(fields: "id") { id: ID name: String }`,
    },
    table: {
      Query: { "": { users: [ref("User", "none"), ref("User", "1"), null] } },
      User: { none: { id: null, nick: "ghost", name: null }, 1: { id: "1", nick: "ada", name: "Ada" } },
    },
    document: `{ users { nick name id } }`,
    expected: { users: [{ nick: "ghost", name: null, id: null }, { nick: "ada", name: "Ada", id: "1" }, null] },
  },
  {
    name: "an object that one subgraph does not find has nulls there",
    subgraphs: {
      a: `type Query { users: [User] } type User @key(fields: "id") { id: ID! nick: String }`,
      b: `type User @key(fields: "id") { id: ID! name: String }`,
    },
    table: {
      Query: { "": { users: [ref("User", "1"), ref("User", "2")] } },
      User: { 1: { id: "1", nick: "x", name: "X" }, 2: { id: "2", nick: "y", name: "Y" } },
    },
    unknownTo: { b: ["User:1"] },
    document: `{ users { nick name } }`,
    expected: {
      users: [
        { nick: "x", name: null },
        { nick: "y", name: "Y" },
      ],
    },
    monolithDiffers: "it finds every user",
  },
  {
    name: "a field that requires something of an object which its subgraph does not find is null, and nobody is blamed",
    subgraphs: {
      a: `type Query { parcels: [Parcel] } type Parcel @key(fields: "id") { id: ID! }`,
      b: `type Parcel @key(fields: "id") { id: ID! weight: Int }`,
      c: `type Parcel @key(fields: "id") { id: ID! weight: Int @external postage: String @requires(fields: "weight") }`,
    },
    table: {
      Query: { "": { parcels: [ref("Parcel", "1"), ref("Parcel", "2")] } },
      Parcel: { 1: { id: "1", weight: 1, postage }, 2: { id: "2", weight: 2, postage } },
    },
    unknownTo: { b: ["Parcel:1"] },
    document: `{ parcels { postage } }`,
    expected: { parcels: [{ postage: null }, { postage: "for 2" }] },
    monolithDiffers: "it finds every parcel",
  },
  {
    name: "nothing is lost with a failure of something that only objects below other types are asked for",
    subgraphs: {
      a: `type Query { nodes: [Node] } interface Node { next: Leaf } type One implements Node { next: Leaf } type Two implements Node { next: Leaf }
        type Leaf @key(fields: "id") { id: ID! }`,
      b: `type Leaf @key(fields: "id") { id: ID! size: Int must: Int! }`,
    },
    table: {
      Query: { "": { nodes: [ref("Two", "2")] } },
      One: {},
      Two: { 2: { next: ref("Leaf", "l") } },
      Leaf: {
        l: {
          id: "l",
          size: 1,
          must: () => {
            throw new Error("no");
          },
        },
      },
    },
    document: `{ nodes { ... on One { next { must } } ... on Two { next { size } } } }`,
    expected: { nodes: [{ next: { size: 1 } }] },
    stockDiffers: "the size is lost, with an error at the field that nobody asked for",
  },
  {
    name: "what is lost with a failure of something that is required has its error",
    subgraphs: {
      a: `type Query { leaf: Leaf } type Leaf @key(fields: "id") { id: ID! }`,
      b: `type Leaf @key(fields: "id") { id: ID! size: Int must: Int! }`,
      c: `type Leaf @key(fields: "id") { id: ID! must: Int! @external sum: Int @requires(fields: "must") }`,
    },
    table: {
      Query: { "": { leaf: ref("Leaf", "l") } },
      Leaf: {
        l: {
          id: "l",
          size: 1,
          must: () => {
            throw new Error("no");
          },
          sum: 1,
        },
      },
    },
    document: `{ leaf { size sum } }`,
    expected: { leaf: { size: null, sum: null } },
    errors: ["leaf.size", "leaf.sum"],
    monolithDiffers: "it asks for nothing that is not selected",
    stockDiffers: "the error is at the field that nobody asked for",
  },
  {
    name: "members of a union that one subgraph does not know are fetched where they are known",
    subgraphs: {
      a: `type Query { hits: [Hit] } union Hit = Book | Author type Book @key(fields: "id") { id: ID! } type Author @key(fields: "id") { id: ID! best: Hit }`,
      b: `union Hit = Book type Book @key(fields: "id") { id: ID! title: String next: Hit }`,
    },
    table: {
      Query: { "": { hits: [ref("Author", "1"), ref("Book", "1")] } },
      Author: { 1: { id: "1", best: ref("Book", "2") } },
      Book: { 1: { id: "1", title: "One", next: ref("Book", "2") }, 2: { id: "2", title: "Two", next: null } },
    },
    document: `{ hits { __typename ... on Author { best { ... on Book { title } } } ... on Book { next { ...Titles } title } } }
      fragment Titles on Hit { ... on Author { id } ... on Book { title } }`,
    expected: {
      hits: [
        { __typename: "Author", best: { title: "Two" } },
        { __typename: "Book", next: { title: "Two" }, title: "One" },
      ],
    },
  },
  {
    name: "an overridden field is asked of its new owner",
    subgraphs: {
      old: `type Query { bill: Bill } type Bill @key(fields: "id") { id: ID! amount: Int due: String }`,
      new: `type Bill @key(fields: "id") { id: ID! amount: Int @override(from: "old") due: String @override(from: "old", label: "percent(50)") }`,
    },
    table: { Query: { "": { bill: ref("Bill", "1") } }, Bill: { 1: { id: "1", amount: 5, due: "May" } } },
    document: `{ bill { amount due } }`,
    expected: { bill: { amount: 5, due: "May" } },
  },
  {
    name: "fragments on unions within fragments on other unions and interfaces narrow the type",
    subgraphs: {
      a: `type Query { pets: [Pet] } union Pet = Cat | Dog | Fish union Furry = Cat | Dog interface Named { name: String }
        type Cat implements Named { name: String lives: Int } type Dog implements Named @key(fields: "id") { id: ID! name: String } type Fish { depth: Int }`,
      b: `type Dog @key(fields: "id") { id: ID! tricks: [String] }`,
    },
    table: {
      Query: { "": { pets: [ref("Cat", "1"), ref("Dog", "1"), ref("Fish", "1")] } },
      Cat: { 1: { name: "Tom", lives: 9 } },
      Dog: { 1: { id: "1", name: "Rex", tricks: ["sit", null] } },
      Fish: { 1: { depth: 3 } },
    },
    document: `{ pets { ... on Furry { ... on Named { name ... on Pet { ... on Dog { tricks } ... on Fish { depth } } } } ... on Fish { depth } } }`,
    expected: { pets: [{ name: "Tom" }, { name: "Rex", tricks: ["sit", null] }, { depth: 3 }] },
  },
  {
    name: "a null where none may be climbs to the next place that allows it",
    subgraphs: {
      a: `type Query { rows: [Row] strict: [Row!] } type Row @key(fields: "id") { id: ID! }`,
      b: `type Row @key(fields: "id") { id: ID! must: Int! }`,
    },
    table: {
      Query: { "": { rows: [ref("Row", "ok"), ref("Row", "bad")], strict: [ref("Row", "ok"), ref("Row", "bad")] } },
      Row: {
        ok: { id: "ok", must: 1 },
        bad: {
          id: "bad",
          must: () => {
            throw new Error("no");
          },
        },
      },
    },
    document: `{ rows { must } strict { must } }`,
    expected: { rows: [{ must: 1 }, null], strict: null },
    errors: ["rows.1.must", "strict.1.must"],
  },
  {
    name: "aliases may have the names of what every object has",
    subgraphs: {
      a: `type Query { user: User } type User @key(fields: "id") { id: ID! name: String }`,
      b: `type User @key(fields: "id") { id: ID! age: Int friend: User }`,
    },
    table: {
      Query: { "": { user: ref("User", "1") } },
      User: { 1: { id: "1", name: "Ada", age: 36, friend: ref("User", "1") } },
    },
    document: `{ constructor: user { __proto__: age toString: name valueOf: friend { hasOwnProperty: name __proto__: __typename } } }`,
    expected: JSON.parse(
      `{"constructor":{"__proto__":36,"toString":"Ada","valueOf":{"hasOwnProperty":"Ada","__proto__":"User"}}}`,
    ),
  },
  {
    name: "an argument that clients do not see comes from the nearest context",
    subgraphs: {
      a: `type Query { me: User } type User @key(fields: "id") @context(name: "reader") { id: ID! locale: String! posts: [Post] }
        type Post @key(fields: "id") { id: ID! greeting(locale: String @fromContext(field: "$reader { locale }"), loud: Boolean = false): String }`,
      b: `type Post @key(fields: "id") { id: ID! length: Int }`,
    },
    table: {
      Query: { "": { me: ref("User", "1") } },
      User: { 1: { id: "1", locale: "fr", posts: [ref("Post", "1"), ref("Post", "2")] } },
      Post: {
        1: {
          id: "1",
          length: 3,
          greeting: ({ locale, loud }: Readonly<Record<string, unknown>>) => `${String(locale)} ${String(loud)}`,
        },
        2: {
          id: "2",
          length: 5,
          greeting: ({ locale, loud }: Readonly<Record<string, unknown>>) => `${String(locale)} ${String(loud)}`,
        },
      },
    },
    document: `{ me { posts { greeting(loud: true) length } } }`,
    expected: {
      me: {
        posts: [
          { greeting: "fr true", length: 3 },
          { greeting: "fr true", length: 5 },
        ],
      },
    },
    stockDiffers: "it is not given such supergraphs",
  },
  {
    name: "an argument from a context may be a custom scalar that is an object",
    subgraphs: {
      a: `scalar Settings type Query { me: User } type User @key(fields: "id") @context(name: "reader") { id: ID! settings: Settings post: Post }
        type Post @key(fields: "id") { id: ID! greeting(settings: Settings @fromContext(field: "$reader { settings }")): String }`,
      b: `type Post @key(fields: "id") { id: ID! length: Int }`,
    },
    table: {
      Query: { "": { me: ref("User", "1") } },
      User: { 1: { id: "1", settings: { __typename: "Trap", locale: ["fr"] }, post: ref("Post", "1") } },
      Post: { 1: { id: "1", greeting: (given: Readonly<Record<string, unknown>>) => JSON.stringify(given) } },
    },
    document: `{ me { post { greeting } } }`,
    expected: { me: { post: { greeting: `{"settings":{"__typename":"Trap","locale":["fr"]}}` } } },
    stockDiffers: "it is not given such supergraphs",
  },
  {
    name: "a field that is required with its default arguments is not the one that the client selects with others",
    subgraphs: {
      shop: `type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! weight(unit: String = "g"): Int! }`,
      post: `type Parcel @key(fields: "id") {
        id: ID! weight(unit: String = "g"): Int! @external
        postage: String @requires(fields: "weight") }`,
    },
    table: parcels,
    document: `{ parcel { weight(unit: "kg") postage } }`,
    expected: { parcel: { weight: 2, postage: "for 2000" } },
    stockDiffers: "client and representation have the same weight",
  },
  {
    name: "an object whose fields are all skipped is still there",
    subgraphs: media,
    table: mediaTable,
    document: `query ($no: Boolean = false) {
      shelf { title @include(if: $no) }
      again: shelf { ... on Song @skip(if: true) { title } }
      bestRated { __typename @include(if: $no) }
      more: bestRated { ... on Film @include(if: $no) { stars } } }`,
    expected: { shelf: [{}, {}], again: [{}, {}], bestRated: [{}, {}], more: [{}, {}] },
  },
  {
    name: "a field with a condition runs although all that is selected of it has another condition",
    subgraphs: {
      a: `type Query { count: Int } type Mutation { add: Result! } type Counter { value: Int } union Result = Counter`,
      b: `type Mutation { turn: Int }`,
    },
    table: {
      Query: { "": { count: 1 } },
      Mutation: {
        "": { add: ref("Counter", "1"), turn: (_: unknown, __: unknown, turn: number | undefined) => turn },
      },
      Counter: { 1: { value: 1 } },
    },
    document: `mutation ($no: Boolean = false) { add @skip(if: $no) { ... on Counter @include(if: $no) { value } } turn }`,
    expected: { add: {}, turn: 1 },
    stockDiffers: "the mutation does not run, and all data is null",
  },
  {
    name: "required fields that are required themselves are computed first, also below an entity of the same subgraph",
    subgraphs: {
      a: `type Query { start: Node } type Node @key(fields: "id") { id: ID! base: Int }`,
      b: `type Node @key(fields: "id") { id: ID! next: Node base: Int @external twice: Int @requires(fields: "base") }`,
      c: `type Node @key(fields: "id") { id: ID! twice: Int @external label: String @requires(fields: "twice") }`,
    },
    table: {
      Query: { "": { start: ref("Node", "1") } },
      Node: Object.fromEntries(
        ["1", "2"].map((id) => [
          id,
          {
            id,
            base: 5,
            next: ref("Node", "2"),
            twice: (_: unknown, required: Record<string, unknown>) => Number(required["base"]) * 2,
            label: (_: unknown, required: Record<string, unknown>) => `at ${String(required["twice"])}`,
          },
        ]),
      ),
    },
    document: `{ start { next { label } } }`,
    expected: { start: { next: { label: "at 10" } } },
    stockDiffers: "the plan asks for the first of the two without what it requires",
  },
  {
    name: "a field whose requirements are skipped leaves the other fields of its subgraph alone",
    subgraphs: {
      shop: `type Query { parcel: Parcel } type Parcel @key(fields: "id") { id: ID! weight(unit: String = "g"): Int! }`,
      post: `type Parcel @key(fields: "id") {
        id: ID! weight(unit: String = "g"): Int! @external
        postage: String @requires(fields: "weight") carrier: String }`,
    },
    table: { ...parcels, Parcel: { 1: { ...parcels.Parcel[1], carrier: "Snail" } } },
    document: `query ($all: Boolean = false) { parcel { carrier postage @include(if: $all) } }`,
    expected: { parcel: { carrier: "Snail" } },
    stockDiffers: "what the skipped field requires is not there, so nothing is fetched",
  },
];
