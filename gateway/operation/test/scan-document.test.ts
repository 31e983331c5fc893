import { type ASTNode, type DefinitionNode, Kind, Lexer, parse, Source, visit } from "graphql";
import { DEFAULT_LIMITS } from "../../access/limits/operation-limits";
import { scanDocument } from "../scan-document";

/** The same told by graphql-js. */
function parsed(text: string): ReturnType<typeof scanDocument> {
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  while (lexer.advance().kind !== "<EOF>") tokens++;
  const fragments = new Map<string, { name: string; position: number }[]>();
  const roots: string[] = [];
  let operations = 0;
  let level = 0;
  let valueLevels = 0;
  let selections = 0;
  let depth = 0;
  const nest = { enter: () => void (valueLevels = Math.max(valueLevels, ++level)), leave: () => void level-- };
  for (const definition of parse(text).definitions) {
    const spreads: { name: string; position: number }[] = [];
    visit(definition, {
      FragmentSpread: ({ name, loc }) => void spreads.push({ name: name.value, position: loc?.start ?? -1 }),
      ListValue: nest,
      ObjectValue: nest,
      SelectionSet: {
        enter: (_set, _key, parent) => void (depth = Math.max(depth, (selections += levelsOf(definition, parent)))),
        leave: (_set, _key, parent) => void (selections -= levelsOf(definition, parent)),
      },
    });
    if (definition.kind === "FragmentDefinition") {
      fragments.set(definition.name.value, spreads);
    } else {
      operations++;
      roots.push(...spreads.map(({ name }) => name));
    }
  }
  return { tokens, operations, depth, valueLevels, roots, fragments };
}

/** A selection set in an operation is a level, unless it is that of an inline fragment. */
const levelsOf = (definition: DefinitionNode, parent: ASTNode | readonly ASTNode[] | undefined): number =>
  definition.kind === Kind.OPERATION_DEFINITION && parent && "kind" in parent && parent.kind !== Kind.INLINE_FRAGMENT
    ? 1
    : 0;

describe("scanning a document tells what parsing it does", () => {
  it.each([
    ["a plain one", "{ a { b, c } }"],
    ["a byte order mark", "\uFEFF{a}"],
    [
      "names that are keywords elsewhere",
      "query fragment($on: On) { ...fragment } fragment fragment on on { on ... on on { a } }",
    ],
    [
      "braces in values",
      'query ($a: In = {x: {y: [1, -2.5e+3]}}) @a(b: {c: "}"}) { a(b: {c: {}}) { ...F } } fragment F on X { a }',
    ],
    ["spreads in texts", '{ a(b: "...A", c: "\\"...B", d: """ } \\""" ...C """) ...D } fragment D on X { a(b: "") }'],
    ["comments everywhere", "{ #...A }\r ... #\n F #fragment A on B {\n } fragment # { \n F # }\n on X { a }"],
    [
      "directives at spreads",
      "{ ... @include(if: true) { ...A @skip(if: $b) } } fragment A on X @c { ... on Y @d { ...B } } fragment B on Y { a }",
    ],
    [
      "levels of fields, inline fragments and fragments",
      "{ a { b { c } } ... { d { ... on X { ... @a(b: {c: 1}) { e { f { g } } } } h } } ...F } fragment F on X { a { b { c { d { e { f } } } } } } { i }",
    ],
    [
      "several operations",
      "query A { ...F } mutation B { ...G } subscription C { a } fragment F on X { a } fragment G on X { ...F }",
    ],
  ])("%s", (_what, text) => {
    expect(scanDocument(text, DEFAULT_LIMITS)).toEqual(parsed(text));
  });

  it("and ends where there are too many levels", () => {
    const { depth, tokens } = scanDocument("{ a ".repeat(500), { ...DEFAULT_LIMITS, maxDepth: 20 });
    expect({ depth, tokens }).toEqual({ depth: 21, tokens: 41 });
  });

  it("and ends where there are too many tokens", () => {
    expect(scanDocument("a ".repeat(50_000), { ...DEFAULT_LIMITS, maxTokens: 100 }).tokens).toBe(101);
  });

  it.each([
    "",
    '"',
    '"""',
    "...",
    "fragment",
    "{ ...",
    "}}}} fragment F { ...",
    ")))) { ...A }",
    "\u0000\uFFFF",
    '{ a(b: "\n',
  ])("%j is no GraphQL, and harms nobody", (text) => {
    expect(scanDocument(text, { ...DEFAULT_LIMITS, maxTokens: 100 }).tokens).toBeLessThanOrEqual(101);
  });
});
