import { buildSchema } from "@apollo/federation-internals";
import { parse, print } from "graphql";
import { withoutImpossible } from "../possible-fragments";

const schema = buildSchema(`
  type Query { thing: Thing! }
  union Thing = Money | Place
  interface Labelled { label: String }
  type Money implements Labelled { label: String }
  type Place implements Labelled { label: String }
  type Book implements Labelled { label: String }
`);

const shown = (document: string) => print(withoutImpossible(parse(document), schema)).replace(/\s+/g, " ");

describe("a document without what can be of no object", () => {
  it("loses a fragment that all conditions around it together leave no object for", () => {
    expect(
      shown("{ thing { ... on Labelled { ... on Thing { ... on Labelled { label ... on Book { label } } } } } }"),
    ).toBe("{ thing { ... on Labelled { ... on Thing { ... on Labelled { label } } } } }");
  });

  it("asks an object for its type name when nothing else is left", () => {
    expect(shown("{ thing { ... on Labelled { ... on Book { label } } } }")).toBe("{ thing { __typename } }");
  });

  it("stays as it is when all of it may be of some object", () => {
    const document = "query ($a: Boolean!) { thing { ... { ... on Place @include(if: $a) { name: label } } } }";
    expect(shown(document)).toBe(document);
  });
});
