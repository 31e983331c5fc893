import { parse } from "graphql";
import { conditionsOf } from "../../../operation/conditions";
import { compose } from "../../../test/harness/compose";
import { loadInThread } from "../../../test/harness/load-in-thread";
import { createCostLimit } from "../cost-limit";
import { costOf, createOperationCosts } from "../operation-cost";

type Variables = Readonly<Record<string, unknown>>;

function costsOf(sdl: string, imports = `["@key", "@cost", "@listSize"]`, listSize = 10) {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ${imports})\n`;
  const supergraph = loadInThread(compose([{ name: "a", url: "http://a.example", sdl: link + sdl }]));
  const costs = createOperationCosts({ schema: supergraph.apiSchema, supergraph: supergraph.fullDocument, listSize });
  const formulaOf = (text: string, variables: Variables) => {
    const document = parse(text);
    return costs.formulaOf(document, undefined, conditionsOf(document, undefined, variables));
  };
  return {
    costs,
    formulaOf: (text: string) => formulaOf(text, {}),
    cost: (text: string, variables: Variables = {}) => costOf(formulaOf(text, variables), variables),
  };
}

const BOOKS = `
  type Query {
    book(id: ID): Book
    books: [Book]
    bestsellers: [Book] @listSize(assumedSize: 5)
    newest(after: ID, limit: Int!): [Book] @listSize(slicingArguments: ["limit"])
    page(first: Int, last: Int): [Book] @listSize(slicingArguments: ["first", "last"], assumedSize: 7)
    either(first: Int = 2, last: Int): [Book]
      @listSize(slicingArguments: ["first", "last"], assumedSize: 7, requireOneSlicingArgument: false)
    shelf(first: Int): Shelf
      @listSize(slicingArguments: ["first"], sizedFields: ["books"], requireOneSlicingArgument: false)
  }
  type Mutation { add(title: String): Book }
  type Book { title: String author: Author publisher: Publisher tags: [String] }
  type Author { name: String }
  type Publisher { name: String address: Address }
  type Address @cost(weight: 5) { zipCode: Int! }
  type Shelf { books: [Book] others: [Book] }
`;
const BOOK = "{ title author { name } publisher { name address { zipCode } } }";

describe("the cost of an operation", () => {
  const { cost, formulaOf } = costsOf(BOOKS);

  it("is the sum of its objects, leaves are free, and a mutation costs ten more", () => {
    expect(cost("{ book { title } }")).toBe(1);
    expect(cost("{ book { author { name } publisher { name } } }")).toBe(3);
    expect(cost("{ book { tags } }")).toBe(1);
    expect(cost("mutation { add { title } }")).toBe(11);
    expect(cost("{ __typename __schema { types { name } } }")).toBe(0);
  });

  it("takes a type's weight in place of one", () => {
    expect(cost(`{ book ${BOOK} }`)).toBe(8);
  });

  it("counts what a list holds as often as the list is long", () => {
    expect(cost(`{ bestsellers ${BOOK} }`)).toBe(40);
    expect(cost("{ books { author { name } } }")).toBe(20);
    expect(costsOf(BOOKS, undefined, 3).cost("{ books { author { name } } }")).toBe(6);
  });

  it("takes the length from a slicing argument: a literal, a variable, a variable's default", () => {
    expect(cost(`{ newest(limit: 3) ${BOOK} }`)).toBe(24);
    expect(cost(`query ($n: Int!) { newest(limit: $n) ${BOOK} }`, { n: 7 })).toBe(56);
    expect(cost(`query ($n: Int! = 2) { newest(limit: $n) ${BOOK} }`)).toBe(16);
    expect(cost("{ newest(limit: 0) { title } }")).toBe(0);
  });

  it("is no less for a list of negative length", () => {
    expect(cost("{ newest(limit: -1000) { title } book { title } }")).toBe(1);
  });

  it.each([
    ["none", "{ page { title } }", {}],
    ["two", "{ page(first: 1, last: 1) { title } }", {}],
    ["only a null", "query ($n: Int) { page(first: $n) { title } }", { n: null }],
  ])("cannot be told when one slicing argument is required and there is %s", (_, text, variables) => {
    expect(() => cost(text, variables)).toThrow('The field "page" needs one of the arguments "first", "last".');
  });

  it("takes the largest of several slicing arguments, defaults included, and the assumed size when there is none", () => {
    expect(cost("{ either(last: 9) { title } }")).toBe(9);
    expect(cost("{ either { title } }")).toBe(2);
    expect(cost("{ either(first: null) { title } }")).toBe(7);
  });

  it("hands the length down to the sized fields, and to no others", () => {
    expect(cost("{ shelf(first: 4) { books { title } } }")).toBe(5);
    expect(cost("{ shelf(first: 4) { others { title } } }")).toBe(11);
    expect(cost("{ shelf { books { title } } }")).toBe(11);
    expect(
      cost("query ($n: Int) { shelf(first: $n) { ... { ...S } } } fragment S on Shelf { books { title } }", { n: 6 }),
    ).toBe(7);
  });

  it("counts a field once that several fragments select", () => {
    const fragments =
      "fragment A on Book { author { name } } fragment B on Book { author { name } publisher { name } }";
    expect(cost(`{ book { ...A ...B author { name } } } ${fragments}`)).toBe(3);
    expect(cost("{ book { one: author { name } two: author { name } } }")).toBe(3);
  });

  it("leaves out what conditions exclude", () => {
    const text = "query ($yes: Boolean!) { book @include(if: $yes) { title author @skip(if: $yes) { name } } }";
    expect(cost(text, { yes: true })).toBe(1);
    expect(cost(text, { yes: false })).toBe(0);
  });

  it("is a plain number when no variable has a say", () => {
    expect(formulaOf("query ($id: ID) { book(id: $id) { title } }")).toBe(1);
    expect(formulaOf("query ($n: Int!) { newest(limit: $n) { title } }")).toBeInstanceOf(Function);
    expect(formulaOf("{ newest(limit: 3) { title } }")).toBe(3);
  });

  it("ends at the largest number, where nesting would make it infinite", () => {
    const nested = (levels: number): string =>
      levels === 0 ? "name" : `friends(first: 2147483647) { ${nested(levels - 1)} }`;
    const endless = costsOf(`
      type Query { me: Person }
      type Person { name: String friends(first: Int!): [Person] @listSize(slicingArguments: ["first"]) }
    `);
    expect(endless.cost(`{ me { ${nested(40)} } }`)).toBe(Number.MAX_VALUE);
    expect(endless.cost(`{ me { friends(first: 0) { ${nested(40)} } } }`)).toBe(1);
  });
});

describe("weights", () => {
  const { cost } = costsOf(`
    type Query {
      heavy: Thing @cost(weight: 20)
      number: Int @cost(weight: 3)
      numbers: [Int] @cost(weight: 3) @listSize(assumedSize: 4)
      find(text: String @cost(weight: 2), filter: Filter, filters: [Filter!], size: Size): Thing
      node: Node
      any: Any
    }
    interface Node { id: ID! detail: Thing }
    type Thing implements Node { id: ID! detail: Thing secret: Secret }
    type Big implements Node @cost(weight: 9) { id: ID! detail: Thing @cost(weight: 30) }
    union Any = Thing | Big
    input Filter { name: String @cost(weight: 4), and: Filter, not: [Filter!] }
    enum Size @cost(weight: 6) { S L }
    scalar Secret @cost(weight: 11)
  `);

  it("of a field stands in place of its type's, also for leaves, and counts for each element of a list", () => {
    expect(cost("{ heavy { id } }")).toBe(20);
    expect(cost("{ number }")).toBe(3);
    expect(cost("{ numbers }")).toBe(12);
    expect(cost("{ heavy { secret } }")).toBe(31);
  });

  it("of arguments, enums and input fields are added; an input object costs one", () => {
    expect(cost('{ find(text: "a") { id } }')).toBe(3);
    expect(cost("{ find(size: S) { id } }")).toBe(7);
    expect(cost('{ find(filter: { name: "a" }) { id } }')).toBe(6);
    expect(cost('{ find(filter: { and: { name: "a" } }) { id } }')).toBe(7);
    expect(cost('{ find(filters: [{ name: "a" }, {}]) { id } }')).toBe(7);
    expect(cost("{ find(text: null) { id } }")).toBe(1);
  });

  it("of values in variables are the same as of values in the document", () => {
    const text = "query ($filter: Filter, $name: String) { find(filter: $filter, filters: [{ name: $name }]) { id } }";
    expect(cost(text, { filter: { name: "a", not: [{}, {}] }, name: "b" })).toBe(1 + 5 + 2 + 5);
    expect(cost(text, {})).toBe(1 + 1);
  });

  it("of something behind an interface or union is that of the heaviest type", () => {
    expect(cost("{ node { id } }")).toBe(9);
    expect(cost("{ any { ... on Thing { id } } }")).toBe(9);
    expect(cost("{ node { detail { id } } }")).toBe(39);
    expect(cost("{ node { ... on Thing { detail { id } } } }")).toBe(10);
    expect(cost("{ any { ... on Thing { detail { id } } ... on Big { detail { id } } } }")).toBe(9 + 1 + 30);
  });

  it("values nested without end cost the most there is, and values of a wrong type harm nobody", () => {
    let filter: object = {};
    for (let i = 0; i < 50_000; i++) filter = { and: filter };
    const text = "query ($filter: Filter) { find(filter: $filter) { id } }";
    expect(cost(text, { filter })).toBe(Number.MAX_VALUE);
    expect(cost(text, { filter: "text" })).toBe(2);
    expect(
      cost(text, JSON.parse('{ "filter": { "__proto__": 1, "constructor": {}, "unknown": [[]] } }') as Variables),
    ).toBe(2);
  });
});

describe("the directives' names", () => {
  it.each([
    ["renamed", `["@key", { name: "@cost", as: "@price" }, { name: "@listSize", as: "@long" }]`, "@price", "@long"],
    ["not imported", `["@key"]`, "@federation__cost", "@federation__listSize"],
  ])("%s, they mean the same", (_, imports, cost, size) => {
    const sdl = `type Query { items: [Item] ${size}(assumedSize: 3) } type Item ${cost}(weight: 4) { id: ID }`;
    expect(costsOf(sdl, imports).cost("{ items { id } }")).toBe(12);
  });

  it("another feature's directive of the same name is none of ours", () => {
    const { costs, cost } = costsOf("type Query { item: Item } type Item { id: ID }");
    expect(cost("{ item { id } }")).toBe(1);
    const supergraph = parse(`
      schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://shop.example/cost/v1.0") { query: Query }
      type Query { item: Item } type Item @cost(weight: 50) { id: ID }
    `);
    const { apiSchema: schema } = loadInThread(
      compose([{ name: "a", url: "http://a.example", sdl: "type Query { item: Item } type Item { id: ID }" }]),
    );
    const other = createOperationCosts({ schema, supergraph, listSize: 10 });
    const document = parse("{ item { id } }");
    expect(other.formulaOf(document, undefined, { key: "", values: new Map() })).toBe(1);
    expect(costs).toBeDefined();
  });
});

describe("the limit", () => {
  const { costs } = costsOf(BOOKS);
  const limit = createCostLimit(costs, 40);
  const refuse = (text: string, variables: Variables = {}) => {
    const document = parse(text);
    return limit.refuse({ document, conditions: conditionsOf(document, undefined, variables), variables });
  };

  it("lets pass what costs as much, and refuses what costs more by name and number", () => {
    expect(refuse(`{ bestsellers ${BOOK} }`)).toBeUndefined();
    expect(refuse(`{ bestsellers ${BOOK} book { title } }`)).toMatchObject({
      message: "The operation costs 41, which exceeds the limit of 40.",
      code: "OPERATION_LIMIT_EXCEEDED",
      details: { limit: "cost", max: 40, cost: 41 },
    });
  });

  it("refuses an operation whose lists have no known length as the caller's mistake", () => {
    expect(refuse("query ($n: Int) { page(first: $n) { title } }")?.code).toBe("BAD_USER_INPUT");
  });
});
