import { BSONRegExp, MaxKey, MinKey } from "bson";
import { type Document, isDocument } from "../values/document";
import { order, typeOrder, valueKey } from "../values/value-key";
import { hasOperators } from "./compile-filter";
import { regexPrefix } from "./to-regexp";

/** What a filter says about one field, in index keys. A superset of what matches: the filter itself is always tested. */
export interface FieldBounds {
  /** The only keys possible, sorted. */
  readonly points?: readonly string[];
  readonly low?: { readonly key: string; readonly inclusive: boolean };
  readonly high?: { readonly key: string; readonly inclusive: boolean };
  /** Whether a document without the field can match: then an index that leaves such documents out is no use. */
  readonly matchesMissing?: boolean;
}

/** Conditions that hold together, by field; several on one field may be met by different elements of an array. */
export type Conjunction = ReadonlyMap<string, readonly FieldBounds[]>;

const maxConjunctions = 64;
const unbounded: FieldBounds = {};

/** The filter as alternatives of which one must hold, from `$and`, `$or` and field conditions; other parts are left out. */
export function boundsOf(filter: Document): Conjunction[] {
  let alternatives: Conjunction[] = [new Map()];
  for (const name of Object.keys(filter)) {
    const value = filter[name];
    if (name === "$and" && Array.isArray(value)) {
      for (const part of value) if (isDocument(part)) alternatives = product(alternatives, boundsOf(part));
    } else if (name === "$or" && Array.isArray(value)) {
      alternatives = product(
        alternatives,
        value.flatMap((part) => (isDocument(part) ? boundsOf(part) : [])),
      );
    } else if (!name.startsWith("$")) {
      alternatives = product(alternatives, [fieldBounds(name, value)]);
    }
  }
  return alternatives;
}

/** Both bounds at once, for a field that has one value. */
export function intersectBounds(left: FieldBounds, right: FieldBounds): FieldBounds {
  const matchesMissing = (left.matchesMissing ?? false) && (right.matchesMissing ?? false);
  const low = [left.low, right.low].reduce((a, b) => {
    if (!a || !b) return a ?? b;
    return a.key > b.key || (a.key === b.key && !a.inclusive) ? a : b;
  });
  const high = [left.high, right.high].reduce((a, b) => {
    if (!a || !b) return a ?? b;
    return a.key < b.key || (a.key === b.key && !a.inclusive) ? a : b;
  });
  const points = left.points ?? right.points;
  if (!points) return { ...(low && { low }), ...(high && { high }), matchesMissing };
  const other = left.points ? right : left;
  const allowed = other.points && new Set(other.points);
  return {
    points: points.filter(
      (key) =>
        (!allowed || allowed.has(key)) &&
        (!low || key > low.key || (key === low.key && low.inclusive)) &&
        (!high || key < high.key || (key === high.key && high.inclusive)),
    ),
    matchesMissing,
  };
}

function product(left: readonly Conjunction[], right: readonly Conjunction[]): Conjunction[] {
  // Too many alternatives: dropping a condition only makes the superset larger.
  if (left.length * right.length > maxConjunctions) return [...left];
  return left.flatMap((a) => right.map((b) => join(a, b)));
}

function join(left: Conjunction, right: Conjunction): Conjunction {
  const joined = new Map(left);
  for (const [path, bounds] of right) joined.set(path, [...(joined.get(path) ?? []), ...bounds]);
  return joined;
}

function fieldBounds(path: string, value: unknown): Conjunction {
  if (!hasOperators(value)) return new Map([[path, [equalTo(value)]]]);
  let found: Conjunction = new Map();
  for (const operator of Object.keys(value)) found = join(found, operatorBounds(path, operator, value));
  return found;
}

function operatorBounds(path: string, operator: string, operators: Document): Conjunction {
  const value = operators[operator];
  const one = (bounds: FieldBounds): Conjunction => new Map([[path, [bounds]]]);
  switch (operator) {
    case "$eq":
      return one(value instanceof BSONRegExp ? unbounded : equalTo(value));
    case "$in":
      return one(Array.isArray(value) ? anyOf(value) : unbounded);
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      return one(rangeOf(operator, value));
    case "$exists":
      return one(value === true || value === 1 ? unbounded : { points: [order.null], matchesMissing: true });
    case "$regex":
      return one(
        value instanceof BSONRegExp
          ? equalTo(value)
          : equalTo(new BSONRegExp(String(value), String(operators.$options ?? "").replace(/[^imsux]/g, ""))),
      );
    case "$type":
    case "$mod":
      return one({ matchesMissing: false });
    case "$ne":
    case "$nin":
    case "$not":
      return one({ matchesMissing: true });
    case "$all":
      return Array.isArray(value) && value.length > 0 && !hasOperators(value[0]) ? one(equalTo(value[0])) : new Map();
    case "$elemMatch":
      return elementBounds(path, value);
    default:
      return new Map();
  }
}

/** All conditions of an `$elemMatch` hold for the same element, so those on one field may be taken together. */
function elementBounds(path: string, value: unknown): Conjunction {
  if (!isDocument(value)) return new Map();
  const first = Object.keys(value)[0] ?? "";
  const inner = /^\$(?!and$|or$|nor$|expr$)/.test(first) ? [fieldBounds("", value)] : boundsOf(value);
  const [only] = inner;
  if (!only || inner.length > 1) return new Map();
  return new Map(
    [...only].map(([field, bounds]) => [
      field === "" ? path : `${path}.${field}`,
      [{ ...bounds.reduce(intersectBounds), matchesMissing: false }],
    ]),
  );
}

function equalTo(value: unknown): FieldBounds {
  if (value instanceof BSONRegExp) return regexBounds(value);
  return anyOf([value]);
}

function anyOf(values: readonly unknown[]): FieldBounds {
  if (values.some((value) => value instanceof BSONRegExp)) return { matchesMissing: values.includes(null) };
  // An array is indexed by its elements: it is found by its first one, or as an element itself.
  const keys = values.flatMap((value) =>
    Array.isArray(value) ? [valueKey(value), valueKey(value[0])] : [valueKey(value)],
  );
  return { points: [...new Set(keys)].sort(), matchesMissing: values.includes(null) };
}

/** Comparisons stay within the type of the bound. */
function rangeOf(operator: string, value: unknown): FieldBounds {
  if (value === null) return anyOf([null]);
  if (value instanceof MinKey || value instanceof MaxKey) return { matchesMissing: true };
  // An array compares as a whole, but is indexed by its elements.
  if (Array.isArray(value)) return unbounded;
  const type = typeOrder(value);
  const bound = { key: valueKey(value), inclusive: operator.endsWith("e") };
  if (operator.startsWith("$gt")) return { low: bound, high: { key: after(type), inclusive: false } };
  return { low: { key: type, inclusive: true }, high: bound };
}

function regexBounds(pattern: BSONRegExp): FieldBounds {
  const prefix = regexPrefix(pattern);
  if (prefix === "") return unbounded;
  const key = order.string + prefix;
  return { low: { key, inclusive: true }, high: { key: after(key), inclusive: false } };
}

/** The smallest key that is greater than all keys starting with `key`. */
function after(key: string): string {
  return key.slice(0, -1) + String.fromCharCode(key.charCodeAt(key.length - 1) + 1);
}
