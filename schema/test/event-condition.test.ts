import { compileConditions, operandValue } from "../event-condition";
import { valueAt } from "../event-path";
import { EventConditionError, parseConditions } from "../parse-conditions";

const holds = (text: string, data: unknown, args: Record<string, unknown> = {}, claims: Record<string, unknown> = {}) =>
  compileConditions(parseConditions(text), { args, claims })(data);

test("reads paths, operators, references and literals, joined by &&", () => {
  expect(
    parseConditions(`order.id == $args.orderId && userId==$claims.sub&& total >= -1.5 && kind in ["a", 'b&&c',3]`),
  ).toEqual([
    { path: ["order", "id"], operator: "==", operand: { source: "args", name: "orderId" } },
    { path: ["userId"], operator: "==", operand: { source: "claims", name: "sub" } },
    { path: ["total"], operator: ">=", operand: { source: "literal", value: -1.5 } },
    { path: ["kind"], operator: "in", operand: { source: "literal", value: ["a", "b&&c", 3] } },
  ]);
  expect(parseConditions("in in $args.in && gift == true")).toHaveLength(2);
});

test.each([
  ["nothing", "", 'expected a path such as "orderId", not its end'],
  ["a lonely path", "orderId", "expected one of == != < <= > >= in, not its end"],
  ["an unknown sign", "orderId ~ 3", '"~ 3" is none of its signs'],
  ["an operator of another language", "a === 1", '"= 1" is none of its signs'],
  ["a path on the right", "a == b", 'not "b"'],
  ["a list where no list can be", 'a == ["x"]', 'not "["'],
  ["a scalar behind in", "a in 3", "expected a list"],
  ["an unclosed list", "a in [1, 2", 'expected "," or "]", not its end'],
  ["an unclosed text", 'a == "x', "is none of its signs"],
  ["an unknown source", "a == $env.SECRET", "is none of its signs"],
  ["or", "a == 1 || b == 2", "is none of its signs"],
  ["two conditions without &&", "a == 1 b == 2", 'expected "&&" or the end, not "b"'],
  ["a dangling &&", "a == 1 &&", "not its end"],
  ["a number that JSON does not know", "a == 007", 'not "007"'],
])("refuses %s and says where", (_what, text, reason) => {
  expect(() => parseConditions(text)).toThrow(EventConditionError);
  expect(() => parseConditions(text)).toThrow(reason);
});

test.each([
  ["n == 3", { n: 3 }, true],
  ["n == 3", { n: "3" }, false],
  ["n != 3", { n: 4 }, true],
  ["n != 3", { n: "4" }, false],
  ["n != 3", {}, false],
  ["n != 3", { n: null }, false],
  ["n < 3", { n: 2 }, true],
  ["n < 3", { n: "2" }, false],
  ["n <= 3", { n: 3 }, true],
  ["n > 3", { n: 3 }, false],
  ["n >= 3", { n: 3 }, true],
  ["n > 3", { n: [4] }, false],
  ["at < '2026-02-01T00:00:00Z'", { at: "2026-01-31T23:59:59Z" }, true],
  ["flag > false", { flag: true }, false],
  ["flag == true", { flag: true }, true],
  ["flag == true", { flag: 1 }, false],
  ["kind in ['a', 'b']", { kind: "b" }, true],
  ["kind in ['a', 'b']", { kind: "c" }, false],
  ["kind in [1]", { kind: "1" }, false],
  ["kind in ['a']", {}, false],
  ["a == 1 && b == 2", { a: 1, b: 2 }, true],
  ["a == 1 && b == 2", { a: 1, b: 3 }, false],
  ["a == 1", null, false],
  ["a == 1", [1], false],
])("%s of %j is %s", (text, data, expected) => {
  expect(holds(text, data)).toBe(expected);
});

test("arguments and claims are what the subscriber gave; what is missing never holds", () => {
  expect(holds("id in $args.ids", { id: "p1" }, { ids: ["p1", "p2"] })).toBe(true);
  expect(holds("id in $args.ids", { id: "p3" }, { ids: ["p1", "p2"] })).toBe(false);
  expect(holds("id in $args.ids", { id: "p1" }, { ids: null })).toBe(false);
  expect(holds("id in $args.ids", {}, { ids: [undefined, null] })).toBe(false);
  expect(holds("u == $claims.sub", { u: "u1" }, {}, { sub: "u1" })).toBe(true);
  for (const operator of ["==", "!=", "<", ">=", "in"]) {
    expect(holds(`u ${operator} $claims.sub`, { u: "u1" })).toBe(false);
    expect(holds(`u ${operator} $claims.sub`, { u: "u1" }, {}, { sub: { toString: () => "u1" } })).toBe(false);
  }
});

test("inherited names are neither claims nor values of a body", () => {
  const [condition] = parseConditions("a == $claims.constructor");
  expect(condition && operandValue(condition, { args: {}, claims: {} })).toBeUndefined();
  expect(holds("constructor.name == 'Object'", {})).toBe(false);
  const body = JSON.parse('{"order": {"id": "o1", "nested": {}}, "n": 1, "__proto__": {"id": "evil"}}') as unknown;
  expect(valueAt(body, ["order", "id"])).toBe("o1");
  expect(valueAt(body, ["n"])).toBe(1);
  for (const path of [
    ["order"],
    ["missing"],
    ["order", "id", "length"],
    ["constructor", "name"],
    ["toString"],
    ["id"],
  ]) {
    expect(valueAt(body, path)).toBeUndefined();
  }
  expect(valueAt(null, ["a"])).toBeUndefined();
});
