import { buildSchema, OverlappingFieldsCanBeMergedRule, parse, validate } from "graphql";
import { findExceededVariableLimit } from "../variable-limits";
import { DEFAULT_LIMITS, findExceededLimit, measureOperations } from "../operation-limits";

const UNBOUNDED = { most: Infinity, comparisons: Infinity };
const repetitions = (text: string, enough = UNBOUNDED) => measureOperations(parse(text))[0]?.repetitions(enough);

describe("repetitions of a response key", () => {
  it.each([
    ["none", "{ a b c { a } }", 1],
    ["in one set", "{ a a a b }", 3],
    ["by alias, not by field", "{ x: a x: b a y: a }", 2],
    ["in inline fragments", "{ a ... { a ... on T { a } } }", 3],
    ["in fragments, each once", "{ ...F ...F ...G } fragment F on T { a } fragment G on T { a ...F }", 2],
    ["in sets that are merged", "{ a { b { c } b { c } } a { b { c c } } }", 4],
    ["not in objects of different keys", "{ a { c } b { c } }", 1],
    ["a fragment in several objects counts in each", "{ a { ...F } b { ...F } } fragment F on T { c c }", 2],
    ["a fragment that does not exist", "{ ...F a a }", 2],
    ["a fragment in itself is for validation", "{ ...F a a } fragment F on T { a { ...F } }", 0],
  ])("%s", (_what, text, expected) => {
    expect(repetitions(text)?.most).toBe(expected);
  });

  it("are not counted further than needed", () => {
    expect(repetitions(`{ ${"a ".repeat(1_000)} }`, { ...UNBOUNDED, most: 100 })?.most).toBe(101);
    expect(repetitions(`{ ${"a ".repeat(1_000)} }`, { ...UNBOUNDED, comparisons: 100 })?.comparisons).toBe(105);
  });

  it("a fragment that a hundred components ask for counts once in the object that they share", () => {
    const components = Array.from({ length: 100 }, (_, i) => `fragment C${i} on T { me${i}: me { id } ...Avatar }`);
    const spreads = Array.from({ length: 100 }, (_, i) => `...C${i}`);
    expect(repetitions(`{ ${spreads.join(" ")} } ${components.join(" ")} fragment Avatar on T { url url }`)?.most).toBe(
      2,
    );
  });
});

describe("comparisons", () => {
  const times = (count: number, text: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join(" ");

  it.each([
    ["none of fields that are there once", "{ a b c { a b } }", 0],
    ["each of a key with each other", "{ a a a b b }", 4],
    ["of merged sets key by key, and field by field", "{ a { b } a { b } }", 1 + 2 + 1],
    ["of a fragment with what is beside it", "{ a ...F } fragment F on T { b }", 2],
    [
      "of fragments with each other, fragments in them included",
      "{ ...F ...G } fragment F on T { a ...G } fragment G on T { b }",
      9,
    ],
  ])("%s", (_what, text, expected) => expect(repetitions(text)?.comparisons).toBe(expected));

  it.each([
    [
      "fragments",
      `{ ${times(500, (i) => `...F${i}`)} } ${times(500, (i) => `fragment F${i} on Query { f${i % 50} }`)}`,
    ],
    ["fragments that do not exist", `{ ${times(500, (i) => `...F${i}`)} }`],
    ["fields", `{ ${times(90, () => times(50, (i) => `f${i}`))} }`],
    [
      "fields of a fragment that nobody spreads",
      `{ f0 } fragment F on Query { ${times(90, () => times(50, (i) => `f${i}`))} }`,
    ],
    ["sets", `{ ${times(60, () => `q { ${times(40, (i) => `f${i}`)} }`)} }`],
    [
      "sets with fragments",
      `{ ${times(60, () => `q { ...A ...B ...C ...D ...E }`)} } ${["A", "B", "C", "D", "E"].map((name) => `fragment ${name} on Query { ${times(30, (i) => `f${i}`)} }`).join(" ")}`,
    ],
    [
      "operations that are each below the limit",
      times(50, (o) => `query Q${o} { ${times(60, () => times(5, (i) => `f${i}`))} }`),
    ],
  ])("of many %s are refused before validation gives up", (_what, text) => {
    const schema = buildSchema(`type Query { q: Query ${times(50, (i) => `f${i}: Int`)} }`);
    const document = parse(text);
    expect(
      findExceededLimit(document, { ...DEFAULT_LIMITS, maxComparisons: 50_000, maxRootFields: Infinity })?.extensions[
        "limit"
      ],
    ).toBe("comparisons of fields");
    // It says no more than that it gave up.
    const isAborted = validate(schema, document, [OverlappingFieldsCanBeMergedRule]).length > 0;
    const isRefused = findExceededLimit(document, { ...DEFAULT_LIMITS, maxRootFields: Infinity }) !== undefined;
    expect(isRefused || !isAborted).toBe(true);
  });
});

describe("levels of variables", () => {
  const deep = (levels: number): unknown =>
    levels === 0 ? 1 : levels % 2 ? [deep(levels - 1)] : { a: deep(levels - 1) };

  it("a hundred are allowed, wherever they are", () => {
    expect(findExceededVariableLimit({ a: 1, b: deep(100), c: null })).toBeUndefined();
    expect(findExceededVariableLimit({ a: 1, b: [1, { x: deep(99) }] })?.extensions).toMatchObject({
      code: "OPERATION_LIMIT_EXCEEDED",
      limit: "levels in a variable",
      max: 100,
    });
  });

  it("wide values are not deep", () => {
    expect(findExceededVariableLimit({ a: Array.from({ length: 10_000 }, () => ({ b: [1] })) })).toBeUndefined();
  });
});
