import { type EventPath, type EventScalar, isScalar, valueAt } from "./event-path";

export type ConditionOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

export type ConditionOperand =
  /** An argument of the field, or a claim of the subscriber. */
  | { readonly source: "args" | "claims"; readonly name: string }
  | { readonly source: "literal"; readonly value: EventScalar | readonly EventScalar[] };

/** One condition of an `@event`: how a value of the event's body compares. */
export interface EventCondition {
  readonly path: EventPath;
  readonly operator: ConditionOperator;
  readonly operand: ConditionOperand;
}

/** What `$args` and `$claims` of conditions stand for. */
export interface ConditionScope {
  readonly args: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whether an event's body fulfils all conditions of a `where` or `authorize`, for one subscriber. */
export type EventPredicate = (data: unknown) => boolean;

/** The value that a condition compares with; `undefined` when there is none. Only own properties count. */
export function operandValue({ operand }: EventCondition, scope: ConditionScope): unknown {
  if (operand.source === "literal") return operand.value;
  const values = scope[operand.source];
  return Object.hasOwn(values, operand.name) ? values[operand.name] : undefined;
}

/** Reads the operands once, so that an event costs a look-up and a comparison per condition. Without conditions everything holds. */
export function compileConditions(conditions: readonly EventCondition[], scope: ConditionScope): EventPredicate {
  const predicates = conditions.map((condition) => compileCondition(condition, operandValue(condition, scope)));
  const [only] = predicates;
  if (only && predicates.length === 1) return only;
  return (data) => predicates.every((holds) => holds(data));
}

/**
 * One condition against the value that it compares with. What cannot be compared does not hold, whatever the operator: an absent value, a
 * number with a text, an object with anything.
 */
export function compileCondition({ path, operator }: EventCondition, expected: unknown): EventPredicate {
  if (operator === "in") {
    if (!Array.isArray(expected)) return never;
    const members = new Set<unknown>(expected.filter(isScalar));
    return (data) => members.has(valueAt(data, path));
  }
  if (!isScalar(expected)) return never;
  const compare = COMPARE[operator];
  if (operator !== "==" && operator !== "!=" && typeof expected === "boolean") return never;
  return (data) => {
    const value = valueAt(data, path);
    return typeof value === typeof expected && compare(value as EventScalar, expected);
  };
}

const never: EventPredicate = () => false;

/** Texts compare by code units, which orders RFC 3339 times of one zone. */
const COMPARE: Readonly<Record<Exclude<ConditionOperator, "in">, (a: EventScalar, b: EventScalar) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};
