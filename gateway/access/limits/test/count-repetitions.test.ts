import { parse } from "graphql";
import { findExceededVariableLimit } from "../variable-limits";
import { measureOperations } from "../operation-limits";

const repetitions = (text: string, enough = Infinity) => measureOperations(parse(text))[0]?.repetitions(enough);

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
    expect(repetitions(text)).toBe(expected);
  });

  it("are not counted further than needed", () => {
    expect(repetitions(`{ ${"a ".repeat(1_000)} }`, 101)).toBe(101);
  });

  it("a fragment that a hundred components ask for counts once in the object that they share", () => {
    const components = Array.from({ length: 100 }, (_, i) => `fragment C${i} on T { me${i}: me { id } ...Avatar }`);
    const spreads = Array.from({ length: 100 }, (_, i) => `...C${i}`);
    expect(repetitions(`{ ${spreads.join(" ")} } ${components.join(" ")} fragment Avatar on T { url url }`)).toBe(2);
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
