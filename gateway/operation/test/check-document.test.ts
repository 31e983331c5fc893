import { buildSchema, NoFragmentCyclesRule, parse, validate } from "graphql";
import { DEFAULT_LIMITS } from "../../access/limits/operation-limits";
import { createDocumentChecker, isRefused } from "../check-document";

const graph = (fields = "") => ({
  apiSchema: buildSchema(`
    directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT
    type Query { a: A ${fields} }
    type Mutation { change: A }
    type Subscription { changed: A }
    type A { b: Int a: A }
  `),
});
const options = { limits: DEFAULT_LIMITS, introspection: true, suggestions: true };
const checker = createDocumentChecker(options);
const codesOf = (result: ReturnType<typeof checker.check>) =>
  isRefused(result) ? result.errors.map(({ extensions }) => extensions["code"]) : [];

describe("what is remembered of a document", () => {
  it.each([
    ["one that passes", "{ a { b } }"],
    ["no GraphQL", "{ a { b }"],
    ["one over a limit", `{ ${"a { ".repeat(200)} b ${" }".repeat(200)} }`],
    ["one that does not fit", "{ nope }"],
  ])("%s is examined once for each graph", (_what, text) => {
    const [one, other] = [graph(), graph("nope: Int")];
    expect(checker.find(one, text)).toBeUndefined();
    const result = checker.check(one, text);
    expect(checker.find(one, text)).toBe(result);
    expect(checker.check(one, text)).toBe(result);
    expect(checker.find(other, text)).toBeUndefined();
  });

  it("a document refused by one graph may pass for another", () => {
    expect(isRefused(checker.check(graph(), "{ nope }"))).toBe(true);
    expect(isRefused(checker.check(graph("nope: Int"), "{ nope }"))).toBe(false);
  });

  it("refused ones cannot push out those that passed, and are bounded", () => {
    const one = graph();
    const passed = checker.check(one, "{ a { b } }");
    const first = `{ first_${"x".repeat(40_000)} }`;
    checker.check(one, first);
    for (let i = 0; i < 30; i++) checker.check(one, `{ nope_${i}_${"x".repeat(40_000)} }`);
    expect(checker.find(one, "{ a { b } }")).toBe(passed);
    expect(checker.find(one, first)).toBeUndefined();
  });

  it("errors name their places without the syntax tree", () => {
    const result = checker.check(graph(), "{\n  nope }");
    const [error] = isRefused(result) ? result.errors : [];
    expect(error?.locations).toEqual([{ line: 2, column: 3 }]);
    expect(error?.nodes).toBeUndefined();
    // Frames of a stack keep what they were called on, the errors with their nodes among them.
    expect(error?.stack).toBe("GraphQLError: " + error?.message);
  });

  it("a document that turned out to be of no use is let go of", () => {
    const one = graph();
    const passed = checker.check(one, "{ a { b } }");
    if (isRefused(passed)) throw new Error("it was refused");
    checker.forget(one, passed.document);
    expect(checker.find(one, "{ a { b } }")).toBeUndefined();
    expect(isRefused(checker.check(one, "{ a { b } }"))).toBe(false);
  });
});

describe("many fragments", () => {
  const many = (text: (i: number) => string) => Array.from({ length: 30 }, (_, i) => text(i)).join(" ");
  const messagesOf = (text: string) => {
    const result = checker.check(graph(), text);
    return isRefused(result) ? result.errors.map(({ message }) => message) : [];
  };

  it("a ring is named in the words of graphql-js, with places that can be read", () => {
    const text = `{ a { ...F0 } } ${many((i) => `fragment F${i} on A { ...F${(i + 1) % 30} }`)}`;
    const result = checker.check(graph(), text);
    const { apiSchema } = graph();
    const [expected] = validate(apiSchema, parse(text), [NoFragmentCyclesRule]);
    const [error] = isRefused(result) ? result.errors : [];
    expect(messagesOf(text)).toEqual([expected?.message]);
    expect(codesOf(result)).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(error?.locations).toEqual(expected?.locations?.slice(0, 20));
  });

  it("those that nobody spreads are named, twenty at most", () => {
    const text = `{ a { b } } ${many((i) => `fragment F${i} on A { ...F${i + 1} }`)} fragment F30 on A { b }`;
    expect(messagesOf(text)).toEqual(Array.from({ length: 20 }, (_, i) => `Fragment "F${i}" is never used.`));
  });

  it("pass when nothing is wrong with them", () => {
    const text = `{ a { ...F0 } } ${many((i) => `fragment F${i} on A { ...F${i + 1} }`)} fragment F30 on A { b }`;
    expect(messagesOf(text)).toEqual([]);
  });
});

describe("@defer", () => {
  it.each([
    ["on a fragment", "{ a { ... @defer { b } } }"],
    ["at the root of a query", "{ ... @defer { a { b } } }"],
    ["inside of another", '{ a { ... @defer(label: "x") { a { ...F @defer(label: "y") } } } } fragment F on A { b }'],
    ["with a condition", "query ($c: Boolean!) { a { ... @defer(if: $c, label: null) { b } } }"],
    ["below a mutation's field", "mutation { change { ... @defer { b } } }"],
  ])("%s is taken", (_what, text) => expect(codesOf(checker.check(graph(), text))).toEqual([]));

  it.each([
    ["a label twice", '{ a { ... @defer(label: "x") { b } a { ... @defer(label: "x") { b } } } }'],
    ["a label in a variable", "query ($l: String) { a { ... @defer(label: $l) { b } } }"],
    ["the fields of a mutation", "mutation { ... @defer { change { b } } }"],
    [
      "the fields of a mutation in a fragment",
      "mutation { ...F } fragment F on Mutation { ... @defer { change { b } } }",
    ],
    ["an event", "subscription { changed { ... @defer { b } } }"],
    ["a field", "{ a @defer { b } }"],
  ])("%s is refused", (_what, text) =>
    expect(codesOf(checker.check(graph(), text))).toEqual(["GRAPHQL_VALIDATION_FAILED"]),
  );

  it("is refused at all where the executor knows no parts", () => {
    const without = createDocumentChecker({ ...options, defer: false });
    expect(codesOf(without.check(graph(), "{ a { ... @defer(if: false) { b } } }"))).toEqual([
      "GRAPHQL_VALIDATION_FAILED",
    ]);
    expect(codesOf(without.check(graph(), "{ a { b } }"))).toEqual([]);
  });
});
