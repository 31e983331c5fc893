import { execute, getNamedType, isAbstractType, isLeafType, isListType, isNonNullType, parse } from "graphql";
import type { GraphQLOutputType, GraphQLSchema } from "graphql";
import { conditionsOf } from "../../../operation/conditions";
import { objectsIn } from "../../../test/harness/objects-in";
import { compose } from "../../../test/harness/compose";
import { loadInThread } from "../../../test/harness/load-in-thread";
import { costOf, createOperationCosts } from "../operation-cost";

type Variables = Readonly<Record<string, unknown>>;

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@cost", "@listSize"])\n`;
const supergraph = loadInThread(
  compose([
    {
      name: "a",
      url: "http://a.example",
      sdl: `${LINK}
        type Query {
          book(id: ID, filter: Filter): Book
          books: [Book]
          newest(limit: Int!): [Book] @listSize(slicingArguments: ["limit"])
          shelf(first: Int!): Shelf @listSize(slicingArguments: ["first"], sizedFields: ["books"])
          heavy: Book @cost(weight: 20)
          number: Int @cost(weight: 3)
          numbers: [Int] @cost(weight: 3)
          json: Json
          grid: [[Book]]
          node: Node
          nodes: [Node]
        }
        type Mutation { add(title: String): Book }
        type Book implements Node { id: ID title: String author: Author others(filter: Filter): [Book] detail: Author }
        type Author { name: String address: Address }
        type Address @cost(weight: 5) { zipCode: Int }
        type Shelf { books: [Book] }
        type Big implements Node @cost(weight: 9) { id: ID detail: Author @cost(weight: 30) }
        interface Node { id: ID detail: Author }
        input Filter { name: String @cost(weight: 4) and: Filter }
        scalar Json
      `,
    },
  ]),
);
const LIST_SIZE = 4;
const { apiSchema: schema } = supergraph;
const costs = createOperationCosts({ schema, supergraph: supergraph.fullDocument, listSize: LIST_SIZE });

function costsOf(text: string, variables: Variables = {}) {
  const document = parse(text);
  const conditions = conditionsOf(document, undefined, variables);
  return {
    estimate: costOf(costs.formulaOf(document, undefined, conditions), variables),
    of: (data: unknown) => {
      const meter = costs.meterOf(document, undefined, conditions);
      const cost = meter.of(data, variables);
      for (const objects of [undefined, objectsIn(data, ["json", "__schema"])]) {
        expect(meter.ofText(JSON.stringify(data), objects, variables)).toBe(cost);
      }
      return cost;
    },
  };
}
const costOfAnswer = (text: string, data: unknown, variables?: Variables) => costsOf(text, variables).of(data);

/** An answer in which everything is there and every list is as long as it is estimated to be. */
function fullAnswer(text: string, variables: Variables, typeOf: "Book" | "Big" = "Book"): unknown {
  const valueOf = (type: GraphQLOutputType, size: number): unknown => {
    if (isNonNullType(type)) return valueOf(type.ofType, size);
    if (isListType(type)) return Array.from({ length: size }, () => valueOf(type.ofType, 1));
    if (isLeafType(getNamedType(type))) return 1;
    return isAbstractType(type) ? { __typename: typeOf } : {};
  };
  const document = parse(text);
  const result = execute({
    schema: schema as GraphQLSchema,
    document,
    variableValues: variables,
    rootValue: {},
    fieldResolver: (source, args, _context, { returnType }) => {
      const size = (args as { limit?: number }).limit ?? (source as { size?: number }).size ?? LIST_SIZE;
      const { first } = args as { first?: number };
      const value = valueOf(returnType, size);
      return first === undefined ? value : { ...(value as object), size: first };
    },
  });
  const { data, errors } = result as { data: unknown; errors?: unknown };
  expect(errors).toBeUndefined();
  return JSON.parse(JSON.stringify(data)) as unknown;
}

describe("the cost of an answer", () => {
  it("is the same from its text and the number of its objects", () => {
    const text = "{ shelf(first: 2) { books { title author { name } } } }";
    const books = [
      { title: "a", author: null },
      { title: "b", author: { name: "c" } },
      { title: "d", author: null },
    ];
    expect(costOfAnswer(text, { shelf: { books } })).toBe(5);
    expect(costOfAnswer("{ __schema { types { name } } }", { __schema: { types: [{ name: "A" }] } })).toBe(0);
    const without = "query ($yes: Boolean!) { book { title @skip(if: $yes) } }";
    expect(costOfAnswer(without, { book: {} }, { yes: true })).toBe(1);
    expect(costOfAnswer("{ json }", { json: { a: [{}, {}] } })).toBe(0);
  });

  it("counts every object that is there, and a mutation ten more", () => {
    expect(costOfAnswer("{ book { title author { name } } }", { book: { title: "a", author: { name: "b" } } })).toBe(2);
    expect(costOfAnswer("{ book { title author { name } } }", { book: { title: "a", author: null } })).toBe(1);
    expect(costOfAnswer("{ book { title } }", { book: null })).toBe(0);
    expect(costOfAnswer("{ book { title } }", null)).toBe(0);
    expect(costOfAnswer("mutation { add { title } }", { add: { title: "a" } })).toBe(11);
    expect(costOfAnswer("mutation { add { title } }", null)).toBe(10);
  });

  it("counts lists by their real length, within each other too, without their nulls", () => {
    const book = { title: "a", author: { name: "b" } };
    const text = "{ books { title author { name } } }";
    expect(costOfAnswer(text, { books: [] })).toBe(0);
    expect(costOfAnswer(text, { books: [book, null, { title: "c", author: null }] })).toBe(3);
    expect(costOfAnswer(text, { books: Array.from({ length: 100 }, () => book) })).toBe(200);
    expect(costOfAnswer("{ grid { title } }", { grid: [[{ title: "a" }, { title: "b" }], [], [null]] })).toBe(2);
  });

  it("takes weights of types and fields, also of leaves, for each value", () => {
    expect(costOfAnswer("{ heavy { title } number }", { heavy: { title: "a" }, number: 1 })).toBe(23);
    expect(costOfAnswer("{ numbers }", { numbers: [1, 2, null] })).toBe(6);
    expect(
      costOfAnswer("{ book { author { address { zipCode } } } }", { book: { author: { address: { zipCode: 1 } } } }),
    ).toBe(7);
  });

  it("a field with a weight of its own costs that too when nothing was found", () => {
    expect(costOfAnswer("{ heavy { title } number }", { heavy: null, number: null })).toBe(23);
  });

  it("counts arguments for each object that was asked with them", () => {
    const text = "query ($filter: Filter) { books { others(filter: $filter) { title } } }";
    const variables = { filter: { name: "a" } };
    expect(costOfAnswer(text, { books: [{ others: [] }, { others: [] }] }, variables)).toBe(2 + 2 * 5);
    const standard = 'query ($filter: Filter = { name: "a" }) { book(filter: $filter) { title } }';
    expect(costOfAnswer(standard, { book: { title: "a" } })).toBe(6);
  });

  it("counts a field once that several fragments select, and each alias", () => {
    const text =
      "{ book { ...A ...B x: author { name } } } fragment A on Book { author { name } } fragment B on Book { author { address { zipCode } } }";
    const data = { book: { author: { name: "a", address: { zipCode: 1 } }, x: { name: "a" } } };
    expect(costOfAnswer(text, data)).toBe(1 + 1 + 5 + 1);
  });

  it("knows the type behind an interface by its name, otherwise takes the heaviest", () => {
    const text = "{ nodes { t: __typename detail { name } } }";
    expect(costOfAnswer(text, { nodes: [{ t: "Book", detail: { name: "a" } }] })).toBe(2);
    expect(costOfAnswer(text, { nodes: [{ t: "Big", detail: { name: "a" } }] })).toBe(39);
    expect(costOfAnswer("{ nodes { detail { name } } }", { nodes: [{ detail: { name: "a" } }] })).toBe(39);
    const apart = "{ node { ... on Book { detail { name } } ... on Big { detail { name } } } }";
    expect(costOfAnswer(apart, { node: { detail: { name: "a" } } })).toBe(9 + 30);
    expect(costsOf(apart).estimate).toBe(9 + 1 + 30);
  });

  it("leaves out what conditions exclude, and the values of scalars that look like objects", () => {
    const text = "query ($yes: Boolean!) { book @skip(if: $yes) { title } json }";
    expect(costOfAnswer(text, { json: { book: { title: [{}] } } }, { yes: true })).toBe(0);
  });

  it("ends at the largest number", () => {
    const deep = JSON.parse(
      `{"filter":{"name":"a"},"books":${'{"and":'.repeat(50_000)}{}${"}".repeat(50_000)}}`,
    ) as Variables;
    const text = "query ($books: Filter) { books { others(filter: $books) { title } } }";
    expect(costOfAnswer(text, { books: [{ others: [] }, { others: [] }] }, deep)).toBe(Number.MAX_VALUE);
  });
});

const AUTHOR = "{ name address { zipCode } }";

it.each<[string, Variables?]>([
  [`{ book { title author ${AUTHOR} detail ${AUTHOR} } number heavy { author ${AUTHOR} } }`],
  ['{ book(id: 1, filter: { name: "a", and: {} }) { title } }'],
  [`mutation { add { author ${AUTHOR} } }`],
  ["query ($filter: Filter) { book(filter: $filter) { title } }", { filter: { name: "a" } }],
  ["{ node { t: __typename id detail { name } } }"],
])("is the estimate where there is no list and nothing is missing: %s", (text, variables = {}) => {
  const { estimate, of } = costsOf(text, variables);
  expect(of(fullAnswer(text, variables, "Big"))).toBe(estimate);
});

it.each<[string, Variables?]>([
  [`{ books { author ${AUTHOR} others { author ${AUTHOR} others { title } } } numbers }`],
  ["query ($n: Int!) { newest(limit: $n) { author { name } } }", { n: 7 }],
  ["{ shelf(first: 3) { books { title author { name } } } }"],
  ["query ($filter: Filter) { books { others(filter: $filter) { title } } }", { filter: { name: "a" } }],
])("is the estimate when lists are as long as estimated: %s", (text, variables = {}) => {
  const { estimate, of } = costsOf(text, variables);
  expect(of(fullAnswer(text, variables))).toBe(estimate);
});

it.each(["Book", "Big"] as const)("is never above the estimate for a %s behind an interface", (typeName) => {
  for (const text of [
    `{ nodes { id detail ${AUTHOR} ... on Book { author ${AUTHOR} detail { x: address { zipCode } } } } }`,
    `{ nodes { __typename ... on Big { detail ${AUTHOR} } ... on Book { detail { name } others { author { name } } } } }`,
  ]) {
    const { estimate, of } = costsOf(text);
    expect(of(fullAnswer(text, {}, typeName))).toBeLessThanOrEqual(estimate);
  }
});

it("a size that JSON reads as infinite costs the most there is", () => {
  const variables = JSON.parse('{"n": 1e999}') as Variables;
  expect(costsOf("query ($n: Int!) { newest(limit: $n) { title } }", variables).estimate).toBe(Number.MAX_VALUE);
});
