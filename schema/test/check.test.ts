import { buildSchema, parse } from "graphql";
import { findBrokenOperations } from "../find-broken-operations";
import { readCheckArguments } from "../read-check-arguments";

describe("schema:check", () => {
  const documents = [
    {
      path: "schema/operations/partners/acme/get-order.graphql",
      document: parse("query GetOrder {\n  order {\n    sum\n  }\n}"),
    },
    {
      path: "schema/operations/web/orders.graphql",
      document: parse("query Orders($n: Int) { orders(first: $n) { id } }"),
    },
  ];

  it("names partner, operation and place of everything that a change breaks", () => {
    const schema = buildSchema("type Query { order: Order orders: [Order!]! } type Order { id: ID! n: Int }");
    expect(findBrokenOperations(schema, documents)).toEqual([
      'acme, GetOrder (schema/operations/partners/acme/get-order.graphql:3:5): Cannot query field "sum" on type "Order".',
      'web, Orders (schema/operations/web/orders.graphql:1:32): Unknown argument "first" on field "Query.orders".',
    ]);
  });

  it("has nothing to say of a change that breaks none", () => {
    const schema = buildSchema(
      "type Query { order: Order orders(first: Int): [Order!]! } type Order { id: ID! sum: Int }",
    );
    expect(findBrokenOperations(schema, documents)).toEqual([]);
  });

  it.each([
    [[], { revision: "HEAD", supergraph: undefined }],
    [["main~2"], { revision: "main~2", supergraph: undefined }],
    [["--registry"], { revision: "HEAD", supergraph: "schema/supergraph.graphql" }],
    [["main", "--registry", "--supergraph=next.graphql"], { revision: "main", supergraph: "next.graphql" }],
  ])("is told what to compare: %j", (argv, expected) => {
    expect(readCheckArguments(argv)).toEqual(expected);
  });

  it.each([
    [["--regsitry"], "Unknown option '--regsitry'"],
    [["main", "other"], "There is one revision"],
    [["--supergraph", "next.graphql"], "--supergraph goes with --registry"],
    [["--", "--output=/tmp/x"], '"--output=/tmp/x" is no revision'],
  ])("says how it is used when it cannot tell: %j", (argv, sentence) => {
    expect(() => readCheckArguments(argv)).toThrow(sentence);
    expect(() => readCheckArguments(argv)).toThrow("Usage: npm run schema:check");
  });
});
