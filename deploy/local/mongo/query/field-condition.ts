import { BSONRegExp, MaxKey, MinKey } from "bson";
import { CommandError, notImplemented } from "../errors";
import { bsonType, typeTest } from "../values/bson-type";
import { type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { compareValues, equalValues, typeOrder } from "../values/value-key";
import { bitsTest } from "./bits-test";
import { toRegExp } from "./to-regexp";
import { anyValueAt, type ArrayPositions } from "./walk-path";

/** A condition on whatever the path reaches from `root`. */
export type Condition = (root: unknown, path: readonly string[], positions?: ArrayPositions) => boolean;
type Test = (value: unknown) => boolean;
type CompileFilter = (filter: Document) => (document: Document) => boolean;

/** Compiles the right side of `{ field: … }`: a value to equal, a regular expression, or operators. */
export function compileCondition(value: unknown, compileFilter: CompileFilter): Condition {
  if (value instanceof BSONRegExp) return onAnyValue(regexTest(toRegExp(value), value));
  if (!isDocument(value) || !Object.keys(value)[0]?.startsWith("$")) return onAnyValue(equalityTest(value));
  if (isDocument(value) && ("$ref" in value || "$id" in value)) return onAnyValue(equalityTest(value));
  const operators = value;
  const conditions = Object.keys(operators).map((name) => compileOperator(name, operators, compileFilter));
  return (root, path, positions) => conditions.every((condition) => condition(root, path, positions));
}

function compileOperator(name: string, operators: Document, compileFilter: CompileFilter): Condition {
  const value = operators[name];
  switch (name) {
    case "$eq":
      return onAnyValue(equalityTest(value));
    case "$ne":
      if (value instanceof BSONRegExp) throw new CommandError(2, "Can't have regex as arg to $ne.");
      return not(onAnyValue(equalityTest(value)));
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      if (value instanceof BSONRegExp) throw new CommandError(2, `Can't have RegEx as arg to predicate over field.`);
      return onAnyValue(rangeTest(name, value));
    case "$in":
      return onAnyValue(membershipTest(name, value));
    case "$nin":
      return not(onAnyValue(membershipTest(name, value)));
    case "$exists": {
      const exists = onAnyValue((candidate) => candidate !== undefined);
      return value === false || value === null || (isNumeric(value) && toNumber(value) === 0) ? not(exists) : exists;
    }
    case "$type": {
      const types = Array.isArray(value) ? value : [value];
      if (types.length === 0) throw new CommandError(9, "$type must match at least one type");
      const tests = types.map(typeTest);
      return onAnyValue((candidate) => tests.some((test) => test(candidate)));
    }
    case "$not":
      if (!(value instanceof BSONRegExp) && !isDocument(value)) {
        throw new CommandError(2, "$not needs a regex or a document");
      }
      if (isDocument(value) && Object.keys(value).length === 0) throw new CommandError(2, "$not cannot be empty");
      if (isDocument(value)) rejectUnknown(value);
      return not(compileCondition(value, compileFilter));
    case "$regex":
      return onAnyValue(regexTest(toRegExp(value, operators.$options)));
    case "$options":
      if (!("$regex" in operators)) throw new CommandError(2, "$options needs a $regex");
      return () => true;
    case "$mod":
      return onAnyValue(remainderTest(value));
    case "$size": {
      const size = sizeOf(value);
      return onArray((array) => array.length === size);
    }
    case "$all":
      return allCondition(value, compileFilter);
    case "$elemMatch":
      return elementCondition(value, compileFilter);
    case "$bitsAllSet":
    case "$bitsAllClear":
    case "$bitsAnySet":
    case "$bitsAnyClear":
      return onAnyValue(bitsTest(name, value));
    case "$geoIntersects":
    case "$geoWithin":
    case "$near":
    case "$nearSphere":
      throw notImplemented(name);
    case "$comment":
      return () => true;
    default:
      throw new CommandError(2, `unknown operator: ${name}`);
  }
}

function rejectUnknown(operators: Document): void {
  const name = Object.keys(operators).find((key) => !key.startsWith("$"));
  if (name !== undefined) throw new CommandError(2, `unknown operator: ${name}`);
}

function onAnyValue(test: Test): Condition {
  return (root, path, positions) => anyValueAt(root, path, test, { positions });
}

function onArray(test: (array: unknown[]) => boolean): Condition {
  return (root, path, positions) =>
    anyValueAt(root, path, (value) => Array.isArray(value) && test(value), { wholeArrays: true, positions });
}

/** A negated condition never says which element matched. */
function not(condition: Condition): Condition {
  return (root, path) => !condition(root, path);
}

/** `null` also equals a missing field: https://www.mongodb.com/docs/manual/tutorial/query-for-null-fields/ */
function equalityTest(expected: unknown): Test {
  if (expected === null) return (value) => value === null || value === undefined;
  return (value) => value !== undefined && equalValues(value, expected);
}

/** Values compare within their own type only; MinKey and MaxKey compare with all. */
function rangeTest(operator: "$gt" | "$gte" | "$lt" | "$lte", bound: unknown): Test {
  const orEqual = operator.endsWith("e");
  if (bound === null) return orEqual ? equalityTest(null) : () => false;
  const holds = operator.startsWith("$gt") ? (n: number) => n > 0 : (n: number) => n < 0;
  if (bound instanceof MinKey || bound instanceof MaxKey) {
    return (value) => {
      const comparison = value === undefined ? compareValues(null, bound) : compareValues(value, bound);
      return holds(comparison) || (orEqual && comparison === 0);
    };
  }
  const type = typeOrder(bound);
  const notANumber = isNaNValue(bound);
  return (value) => {
    if (value === undefined || typeOrder(value) !== type) return false;
    if (notANumber || isNaNValue(value)) return orEqual && notANumber && isNaNValue(value);
    const comparison = compareValues(value, bound);
    return holds(comparison) || (orEqual && comparison === 0);
  };
}

function isNaNValue(value: unknown): boolean {
  return isNumeric(value) && Number.isNaN(toNumber(value));
}

function membershipTest(operator: string, list: unknown): Test {
  if (!Array.isArray(list)) throw new CommandError(2, `${operator} needs an array`);
  const tests = list.map((entry: unknown) => {
    if (isDocument(entry) && Object.keys(entry)[0]?.startsWith("$")) {
      throw new CommandError(2, `cannot nest $ under ${operator}`);
    }
    return entry instanceof BSONRegExp ? regexTest(toRegExp(entry), entry) : equalityTest(entry);
  });
  const strings = new Set<unknown>(list.filter((entry) => typeof entry === "string"));
  if (strings.size === list.length) return (value) => strings.has(value);
  return (value) => tests.some((test) => test(value));
}

/** A regular expression matches strings, and a stored regular expression that is the same. */
function regexTest(pattern: RegExp, itself?: BSONRegExp): Test {
  return (value) =>
    typeof value === "string" ? pattern.test(value) : itself !== undefined && equalValues(value, itself);
}

function remainderTest(value: unknown): Test {
  if (!Array.isArray(value)) throw new CommandError(2, "malformed mod, needs to be an array");
  if (value.length < 2) throw new CommandError(2, "malformed mod, not enough elements");
  if (value.length > 2) throw new CommandError(2, "malformed mod, too many elements");
  const [divisor, remainder] = value.map((part) => (isNumeric(part) ? Math.trunc(toNumber(part)) : NaN));
  if (divisor === undefined || Number.isNaN(divisor)) throw new CommandError(2, "malformed mod, divisor not a number");
  if (remainder === undefined || Number.isNaN(remainder))
    throw new CommandError(2, "malformed mod, remainder not a number");
  if (divisor === 0) throw new CommandError(2, "divisor cannot be 0");
  return (candidate) => isNumeric(candidate) && Math.trunc(toNumber(candidate)) % divisor === remainder;
}

function sizeOf(value: unknown): number {
  const size = isNumeric(value) ? toNumber(value) : NaN;
  if (Number.isNaN(size))
    throw new CommandError(9, `Failed to parse $size. Expected a number in: $size: ${bsonType(value)}`);
  if (!Number.isInteger(size)) throw new CommandError(9, `Failed to parse $size. Expected an integer: $size: ${size}`);
  if (size < 0) throw new CommandError(9, `Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
  return size;
}

function allCondition(value: unknown, compileFilter: CompileFilter): Condition {
  if (!Array.isArray(value)) throw new CommandError(2, "$all needs an array");
  if (value.length === 0) return () => false;
  const conditions = value.map((entry: unknown) => {
    if (isDocument(entry) && "$elemMatch" in entry) return elementCondition(entry.$elemMatch, compileFilter);
    if (isDocument(entry) && Object.keys(entry)[0]?.startsWith("$"))
      throw new CommandError(2, "no $ expressions in $all");
    return compileCondition(entry, compileFilter);
  });
  return (root, path, positions) => conditions.every((condition) => condition(root, path, positions));
}

/** https://www.mongodb.com/docs/manual/reference/operator/query/elemMatch/ */
function elementCondition(value: unknown, compileFilter: CompileFilter): Condition {
  if (!isDocument(value)) throw new CommandError(2, "$elemMatch needs an Object");
  const first = Object.keys(value)[0];
  const onValues = first?.startsWith("$") && !["$and", "$or", "$nor", "$expr", "$jsonSchema"].includes(first);
  let test: Test;
  if (onValues) {
    rejectUnknown(value);
    const condition = compileCondition(value, compileFilter);
    test = (element) => condition(element, []);
  } else {
    const filter = compileFilter(value);
    test = (element) => isDocument(element) && filter(element);
  }
  return (root, path, positions) =>
    anyValueAt(
      root,
      path,
      (candidate) => {
        if (!Array.isArray(candidate)) return false;
        const index = candidate.findIndex(test);
        if (index >= 0) positions?.set(path.join("."), index);
        return index >= 0;
      },
      { wholeArrays: true, positions },
    );
}
