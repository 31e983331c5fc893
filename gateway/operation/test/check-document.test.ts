import { buildSchema, NoFragmentCyclesRule, parse, validate } from "graphql";
import { DEFAULT_LIMITS } from "../../access/limits/operation-limits";
import { ClientError } from "../../../kit/errors";
import { PlanLimitError } from "../../planning/planner";
import { createDocumentChecker, isRefused } from "../check-document";
import { createExaminer, sendRefusal, type SentRefusal } from "../examine-document";

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

describe("rules", () => {
  const examine = createExaminer(options);
  const messagesOf = (text: string) => {
    const result = examine(graph().apiSchema, text);
    return "stage" in result ? result.errors.map(({ message }) => message) : [];
  };

  it("fields that cannot be merged are refused", () => {
    expect(messagesOf("{ a { x: b x: a { b } } }")).toEqual([expect.stringContaining('Fields "x" conflict')]);
  });

  it("fields are compared with each other only where all of them exist", () => {
    expect(messagesOf("{ a { x: b x: nope } }")).toEqual([expect.stringContaining('Cannot query field "nope"')]);
  });
});

it("whoever examines a document may give turns to others at each of its fields", () => {
  const giveTurn = jest.fn();
  createExaminer(options, giveTurn)(graph().apiSchema, `{ ${"a { b } ".repeat(50)} }`);
  expect(giveTurn.mock.calls.length).toBeGreaterThan(100);
});

describe("what is remembered of a document", () => {
  it.each([
    ["one that passes", "{ a { b } }"],
    ["no GraphQL", "{ a { b }"],
    ["one over a limit", `{ ${Array.from({ length: 300 }, (_, i) => `a${i}: a { b }`).join(" ")} }`],
    ["one that does not fit", "{ nope }"],
  ])("%s is examined once for each graph", (_what, text) => {
    const [one, other] = [graph(), graph("nope: Int")];
    expect(checker.find(one, text)).toBeUndefined();
    const result = checker.check(one, text);
    expect(checker.find(one, text)).toBe(result);
    expect(checker.check(one, text)).toBe(result);
    expect(checker.find(other, text)).toBeUndefined();
  });

  it("one whose text alone tells that it is over a limit takes no memory", () => {
    const one = graph();
    const tooDeep = `{ ${"a { ".repeat(200)} b ${" }".repeat(200)} }`;
    expect(codesOf(checker.check(one, tooDeep))).toEqual(["OPERATION_LIMIT_EXCEEDED"]);
    expect(checker.find(one, tooDeep)).toBeUndefined();
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

describe("a large document", () => {
  const large = (text: string) => `${text} #${"x".repeat(4_000)}`;

  /** A graph whose planner has a thread, as far as can be told from here. */
  const withThread = () => {
    const { apiSchema } = graph();
    const examined: string[] = [];
    const examineDocument = createExaminer(options);
    const examine = async (text: string): Promise<SentRefusal | undefined> => {
      examined.push(text);
      const result = examineDocument(apiSchema, text);
      return "stage" in result ? structuredClone(sendRefusal(result)) : undefined;
    };
    return { examined, supergraph: { apiSchema, planner: { examine } } };
  };

  it.each([
    ["one that passes", "{ a { b } }"],
    ["no GraphQL", "{ a { b }"],
    ["one over a limit", `{ ${Array.from({ length: 300 }, (_, i) => `a${i}: a { b }`).join(" ")} }`],
    ["one that does not fit", "{ nope }"],
    ["a ring of fragments", "{ a { ...F } } fragment F on A { a { ...F } }"],
  ])("%s is examined aside, once, with the same outcome", async (_what, text) => {
    const { examined, supergraph } = withThread();
    const [one, other] = [checker.checkAside(supergraph, large(text)), checker.checkAside(supergraph, large(text))];
    expect(one).toBeInstanceOf(Promise);
    const result = await one;
    expect(await other).toBe(result);
    expect(examined).toEqual([large(text)]);
    expect(checker.checkAside(supergraph, large(text))).toBe(result);
    expect(checker.check(supergraph, large(text))).toBe(result);
    expect(JSON.stringify(result)).toBe(JSON.stringify(checker.check(graph(), large(text))));
  });

  it("a small one is not, nor one of a graph without a thread", () => {
    const { examined, supergraph } = withThread();
    expect(checker.checkAside(supergraph, "{ a { b } }")).not.toBeInstanceOf(Promise);
    expect(examined).toEqual([]);
    expect(checker.checkAside(graph(), large("{ a { b } }"))).not.toBeInstanceOf(Promise);
  });

  it.each([
    ["too many wait", new ClientError("SERVICE_UNAVAILABLE", "Try again."), "SERVICE_UNAVAILABLE", 503],
    ["it takes too long", new PlanLimitError("milliseconds of planning", 5), "OPERATION_LIMIT_EXCEEDED", 400],
  ])("is refused for now where %s", async (_what, reason, code, status) => {
    const { supergraph } = withThread();
    const busy = { ...supergraph, planner: { examine: () => Promise.reject(reason) } };
    const result = await checker.checkAside(busy, large("{ a { b } }"));
    expect(result).toMatchObject({ isTransient: true });
    expect(codesOf(result)).toEqual([code]);
    expect(isRefused(result) && result.errors[0]?.extensions["http"]).toMatchObject({ status });
    expect(checker.find(busy, large("{ a { b } }"))).toBeUndefined();
  });

  it("a fault of the thread is nobody's refusal", async () => {
    const examine = () => Promise.reject(new Error("the thread is gone"));
    const supergraph = { ...graph(), planner: { examine } };
    await expect(checker.checkAside(supergraph, large("{ a { b } }"))).rejects.toThrow("the thread is gone");
    expect(isRefused(checker.check(supergraph, large("{ a { b } }")))).toBe(false);
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
