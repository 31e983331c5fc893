import { compileConditions, type ConditionOperator, type EventCondition } from "../../../../schema/event-condition";
import { createEventIndex, type Interest } from "../event-index";
import { seeded } from "./fakes/seeded";

const where = (path: string, operator: ConditionOperator, name: string): EventCondition => ({
  path: path.split("."),
  operator,
  operand: { source: "args", name },
});

interface Named extends Interest {
  readonly name: string;
}

const interest = (name: string, conditions: readonly EventCondition[], args: object = {}, types = ["t"]): Named => ({
  name,
  field: { types, where: conditions },
  args: args as Record<string, unknown>,
  claims: {},
});

const event = (data: unknown, type = "t") => ({ id: "", type, source: "", subject: "", time: "", data });

function indexOf(...interests: readonly Named[]) {
  const index = createEventIndex<Named>();
  const removals = interests.map((each) => index.add(each));
  const names = (data: unknown, type?: string) =>
    index
      .match(event(data, type))
      .map(({ name }) => name)
      .sort();
  return { index, removals, names };
}

test("equality and lists are looked up, with the types of their values", () => {
  const { names } = indexOf(
    interest("one", [where("a.b", "==", "x")], { x: "1" }),
    interest("number one", [where("a.b", "==", "x")], { x: 1 }),
    interest("some", [where("a.b", "in", "x")], { x: ["1", "2", "2", {}] }),
    interest("none", [where("a.b", "in", "x")], { x: [] }),
    interest("nothing to compare with", [where("a.b", "==", "x")], {}),
    interest("everyone", []),
  );
  expect(names({ a: { b: "1" } })).toEqual(["everyone", "one", "some"]);
  expect(names({ a: { b: 1 } })).toEqual(["everyone", "number one"]);
  expect(names({ a: { b: "2" } })).toEqual(["everyone", "some"]);
  for (const data of [null, 7, [], { a: null }, { a: { b: {} } }, { a: {} }]) expect(names(data)).toEqual(["everyone"]);
  expect(names({ a: { b: "1" } }, "another type")).toEqual([]);
});

test("what the look-up does not say is asked of the few that are left", () => {
  const both = [where("a", "==", "x"), where("b", "!=", "y")];
  const { names } = indexOf(interest("1", both, { x: 1, y: "no" }), interest("2", both, { x: 1, y: "yes" }));
  expect(names({ a: 1, b: "yes" })).toEqual(["1"]);
  expect(names({ a: 1 })).toEqual([]);
});

test.each<[ConditionOperator, number, string[]]>([
  ["<", 5, ["10"]],
  ["<", 4, ["10", "5"]],
  ["<=", 5, ["10", "5"]],
  [">", 5, ["1"]],
  [">=", 5, ["1", "5"]],
  [">", 0, []],
])("an order is kept in order: value %s bound, for %d", (operator, value, expected) => {
  const { names } = indexOf(
    ...[10, 1, 5].map((bound) => interest(String(bound), [where("a", operator, "x")], { x: bound })),
    interest("a text", [where("a", operator, "x")], { x: "m" }),
    interest("a list", [where("a", operator, "x")], { x: [1] }),
  );
  expect(names({ a: value })).toEqual(expected);
  expect(names({ a: true })).toEqual([]);
});

test("an interest in several types is found by each of them, and once", () => {
  const { names } = indexOf(interest("x", [where("a", "==", "x")], { x: 1 }, ["t", "u"]));
  expect([names({ a: 1 }, "t"), names({ a: 1 }, "u"), names({ a: 1 }, "v")]).toEqual([["x"], ["x"], []]);
});

test("what is taken out is found no more, the others are, and taking it out again changes nothing", () => {
  const conditions: (readonly EventCondition[])[] = [
    [],
    [where("a", "==", "x")],
    [where("a", "in", "xs")],
    [where("a", "<=", "x")],
  ];
  const each = conditions.flatMap((of, i) => [
    interest(`first ${i}`, of, { x: 1, xs: [1, 2] }),
    interest(`second ${i}`, of, { x: 1, xs: [1, 2] }),
  ]);
  const { index, names, removals } = indexOf(...each);
  expect(names({ a: 1 })).toHaveLength(8);
  removals.forEach((remove, i) => {
    if (i % 2 === 0) remove();
    if (i % 2 === 0) remove();
  });
  expect(names({ a: 1 })).toEqual([0, 1, 2, 3].map((i) => `second ${i}`));
  removals.forEach((remove) => remove());
  expect(names({ a: 1 })).toEqual([]);
  expect(index.size).toBe(0);
});

test("finds the same as asking everyone, whatever comes and goes", () => {
  const operators: ConditionOperator[] = ["==", "!=", "<", "<=", ">", ">=", "in"];
  const { next: random, pick } = seeded(7);
  const values = [0, 1, 2, 3, "a", "b", true, undefined, null];
  const index = createEventIndex<Named>();
  const present = new Map<Named, () => void>();
  for (let i = 0; i < 2_000; i++) {
    const conditions = Array.from({ length: Math.floor(random() * 3) }, (_, n) =>
      where(pick(["a", "b.c"]), pick(operators), `x${n}`),
    );
    const operand = () => (random() < 0.5 ? pick(values) : [pick(values), pick(values)]);
    const one = interest(String(i), conditions, { x0: operand(), x1: operand() }, pick([["t"], ["u"], ["t", "u"]]));
    if (random() < 0.6) present.set(one, index.add(one));
    const [victim] = random() < 0.4 ? [pick([...present.keys()])] : [];
    if (victim) {
      present.get(victim)?.();
      present.delete(victim);
    }
    const asked = event({ a: pick(values), b: { c: pick(values) } }, pick(["t", "u"]));
    const expected = [...present.keys()].filter(
      (each) => each.field.types.includes(asked.type) && compileConditions(each.field.where, each)(asked.data),
    );
    expect(new Set(index.match(asked).map(({ name }) => name))).toEqual(new Set(expected.map(({ name }) => name)));
  }
});
