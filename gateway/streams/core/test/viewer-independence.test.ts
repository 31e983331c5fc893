import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DocumentNode, type FragmentDefinitionNode, Kind, parse } from "graphql";
import { readAccessRules } from "../../../access/rules/access-rules";
import { readSupergraphTypes } from "../../../execution/layout/supergraph-types";
import { compose } from "../../../test/harness/compose";
import { readViewerIndependence } from "../viewer-independence";

const LINKS = (mark: string) => `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@shareable", "@external", "@authenticated", "@requiresScopes", "@interfaceObject", "@composeDirective"])
    @link(url: "https://tributary.dev/event/v1.0", import: [${mark}])
    @composeDirective(name: "@viewerIndependent")
  directive @viewerIndependent on FIELD_DEFINITION | OBJECT`;

/** Whether what a fragment selects is the same to everyone, in a supergraph of these subgraphs. */
function holds(fragment: string, ...subgraphs: readonly string[]): boolean {
  const supergraph = parse(
    compose(
      subgraphs.map((sdl, i) => ({
        name: `s${i}`,
        url: `http://s${i}`,
        sdl: `${LINKS('"@viewerIndependent"')} ${sdl}`,
      })),
    ),
  );
  return holdsIn(supergraph, fragment);
}

function holdsIn(supergraph: DocumentNode, fragment: string): boolean {
  const definition = parse(`fragment F ${fragment}`).definitions.find(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  );
  if (!definition) throw new Error("there is no fragment");
  const types = readSupergraphTypes(supergraph);
  const independence = readViewerIndependence(supergraph, readAccessRules(supergraph), types);
  return independence.holdsFor(definition.selectionSet, definition.typeCondition.name.value);
}

const QUERY = "type Query { t: T }";

test.each<[string, boolean, string, readonly string[]]>([
  ["a field with the mark", true, "on T { __typename a }", [`${QUERY} type T { a: Int @viewerIndependent b: Int }`]],
  ["a field without it", false, "on T { a b }", [`${QUERY} type T { a: Int @viewerIndependent b: Int }`]],
  ["a field of a marked type", true, "on T { a }", [`${QUERY} type T @viewerIndependent { a: Int }`]],
  [
    "a marked field whose value is not",
    false,
    "on T { u { x } }",
    [`${QUERY} type T @viewerIndependent { u: U } type U { x: Int }`],
  ],
  [
    "a field of another subgraph than the one that marked the type",
    false,
    "on T { b }",
    [
      `${QUERY} type T @key(fields: "id") @viewerIndependent { id: ID! a: Int }`,
      `type T @key(fields: "id") { id: ID! b: Int }`,
    ],
  ],
  [
    "the key of a type to which several contribute, with a field that has its own mark",
    true,
    "on T { id b }",
    [
      `${QUERY} type T @key(fields: "id") @viewerIndependent { id: ID! a: Int }`,
      `type T @key(fields: "id") { id: ID! b: Int @viewerIndependent }`,
    ],
  ],
  [
    "a field of a marked entity that others only refer to",
    true,
    "on T { id a }",
    [
      `${QUERY} type T @key(fields: "id") @viewerIndependent { id: ID! a: Int }`,
      `type T @key(fields: "id", resolvable: false) { id: ID! }`,
    ],
  ],
  [
    "a field of a marked value type that several give",
    true,
    "on M { a }",
    [
      `type Query { m: M } type M @shareable @viewerIndependent { a: Int }`,
      `type Query { n: M } type M @shareable @viewerIndependent { a: Int }`,
    ],
  ],
  [
    "a field that an access directive guards",
    false,
    "on T { a }",
    [`${QUERY} type T { a: Int @viewerIndependent @authenticated }`],
  ],
  [
    "a field of a guarded type",
    false,
    "on T { a }",
    [`${QUERY} type T @viewerIndependent @requiresScopes(scopes: [["x"]]) { a: Int }`],
  ],
  [
    "a field whose value is of a guarded type",
    false,
    "on T { u { x } }",
    [`${QUERY} type T @viewerIndependent { u: U } type U @authenticated @viewerIndependent { x: Int }`],
  ],
  [
    "a field whose value is of a guarded scalar",
    false,
    "on T { s }",
    [`${QUERY} scalar S @authenticated type T @viewerIndependent { s: S }`],
  ],
  [
    "a field of an interface that all implementations mark",
    true,
    "on I { a ... on T { b } }",
    [
      `type Query { i: I } interface I { a: Int } type T implements I @viewerIndependent { a: Int b: Int } type U implements I { a: Int @viewerIndependent }`,
    ],
  ],
  [
    "a field of an interface that one implementation does not mark",
    false,
    "on I { a }",
    [
      `type Query { i: I } interface I { a: Int @viewerIndependent } type T implements I @viewerIndependent { a: Int } type U implements I { a: Int }`,
    ],
  ],
  [
    "a field that the supergraph does not have",
    false,
    "on T { zzz }",
    [`${QUERY} type T @viewerIndependent { a: Int }`],
  ],
  ["a type that the supergraph does not have", false, "on Z { a }", [`${QUERY} type T @viewerIndependent { a: Int }`]],
])("%s: %s", (_what, expected, fragment, subgraphs) => {
  expect(holds(fragment, ...subgraphs)).toBe(expected);
});

test.each([
  ["on ProductVariant { id sku available price { amountMinor currency formatted } product { id slug name } }", true],
  ["on ProductVariant { id onHand }", false],
  ["on Order { id }", false],
])("of the shop: %s is the same to everyone: %s", (fragment, expected) => {
  const supergraph = parse(readFileSync(join(__dirname, "../../../../schema/supergraph.graphql"), "utf8"));
  expect(holdsIn(supergraph, fragment)).toBe(expected);
});

test("a directive of that name counts only when it is of the specification", () => {
  const supergraph = parse(`
    schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://example.com/other/v1.0", import: ["@viewerIndependent"]) { query: Query }
    type Query { t: T } type T @viewerIndependent { a: Int }`);
  const types = readSupergraphTypes(supergraph);
  const independence = readViewerIndependence(supergraph, readAccessRules(supergraph), types);
  const [node] = parse("{ a }").definitions;
  if (node?.kind !== Kind.OPERATION_DEFINITION) throw new Error("there is no selection");
  expect(independence.holdsFor(node.selectionSet, "T")).toBe(false);
});
