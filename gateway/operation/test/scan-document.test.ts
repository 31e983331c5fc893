import { Lexer, parse, Source, visit } from "graphql";
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
  const nest = { enter: () => void (valueLevels = Math.max(valueLevels, ++level)), leave: () => void level-- };
  for (const definition of parse(text).definitions) {
    const spreads: { name: string; position: number }[] = [];
    visit(definition, {
      FragmentSpread: ({ name, loc }) => void spreads.push({ name: name.value, position: loc?.start ?? -1 }),
      ListValue: nest,
      ObjectValue: nest,
    });
    if (definition.kind === "FragmentDefinition") {
      fragments.set(definition.name.value, spreads);
    } else {
      operations++;
      roots.push(...spreads.map(({ name }) => name));
    }
  }
  return { tokens, operations, valueLevels, roots, fragments };
}

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
      "several operations",
      "query A { ...F } mutation B { ...G } subscription C { a } fragment F on X { a } fragment G on X { ...F }",
    ],
  ])("%s", (_what, text) => {
    expect(scanDocument(text, 1_000)).toEqual(parsed(text));
  });

  it("and ends where there are too many tokens", () => {
    expect(scanDocument("a ".repeat(50_000), 100).tokens).toBe(101);
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
    expect(scanDocument(text, 100).tokens).toBeLessThanOrEqual(101);
  });
});
