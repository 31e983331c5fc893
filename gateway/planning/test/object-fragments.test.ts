import { buildSchema } from "@apollo/federation-internals";
import { parse, print } from "graphql";
import { byObjectTypes, readInterfaceObjects } from "../object-fragments";

const schema = buildSchema(`
  type Query { media: Media found: Found }
  interface Media { id: ID next: Media }
  type Book implements Media { id: ID next: Media }
  type Film implements Media { id: ID next: Media }
  type Song implements Media { id: ID next: Media }
  type Money { sum: Int }
  union Found = Book | Film | Money
`);

function shown(document: string, interfaceObjects = ["Media"]) {
  const changed = byObjectTypes(parse(document), schema, new Set(interfaceObjects));
  return changed && print(changed).replace(/\s+/g, " ");
}

describe("a document that names object types in place of unions", () => {
  it("has a fragment for each type in common, at the place of the one it was, with its directives", () => {
    expect(shown("query ($a: Boolean!) { media { a: id ... on Found @skip(if: $a) { __typename } b: id } }")).toBe(
      "query ($a: Boolean!) { media { a: id ... on Book @skip(if: $a) { __typename } ... on Film @skip(if: $a) { __typename } b: id } }",
    );
  });

  it("keeps what is asked of an object type in it, which is one of its own", () => {
    expect(
      shown("{ media { ... on Book { ... on Found { ... on Media { id } } } ... on Found { ... on Media { id } } } }"),
    ).toBe(
      "{ media { ... on Book { ... on Found { ... on Media { id } } } ... on Book { ... on Media { id } } ... on Film { ... on Media { id } } } }",
    );
  });

  it("is not made where no subgraph knows the interface as an object", () => {
    expect(shown("{ media { ... on Found { __typename } } }", [])).toBeUndefined();
    expect(shown("{ found { ... on Media { id } } }")).toBeUndefined();
  });

  it("is not made where it would grow out of bounds", () => {
    const nested = (depth: number): string =>
      depth === 0 ? "id" : `next { ... on Found { ... on Media { ${nested(depth - 1)} } } }`;
    expect(shown(`{ media { ${nested(4)} } }`)).toContain("... on Film");
    expect(shown(`{ media { ${nested(40)} } }`)).toBeUndefined();
  });
});

describe("the interfaces that a subgraph holds as objects", () => {
  it("are read from where the supergraph says so", () => {
    const supergraph = parse(`
      interface Media @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) { id: ID }
      interface Node @join__type(graph: A, key: "id", isInterfaceObject: false) { id: ID }
    `);
    expect([...readInterfaceObjects(supergraph)]).toEqual(["Media"]);
  });
});
