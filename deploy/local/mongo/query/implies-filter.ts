import { type Document, isDocument } from "../values/document";
import { equalValues } from "../values/value-key";
import { hasOperators } from "./compile-filter";
import { boundsOf, type FieldBounds } from "./field-bounds";

/**
 * Whether every document that `filter` finds is sure to match `partial`, the expression of a partial index.
 * Errs on the side of no. https://www.mongodb.com/docs/manual/core/index-partial/#query-coverage
 */
export function impliesFilter(filter: Document, partial: Document): boolean {
  return Object.keys(partial).every((name) => {
    const expected = partial[name];
    if (name === "$and" && Array.isArray(expected)) {
      return expected.every((part) => isDocument(part) && impliesFilter(filter, part));
    }
    if (name.startsWith("$")) return false;
    return statedLiterally(filter, name, expected) || impliedByBounds(filter, name, expected);
  });
}

function statedLiterally(filter: Document, name: string, expected: unknown): boolean {
  if (Object.hasOwn(filter, name) && equalValues(filter[name], expected)) return true;
  return (
    Array.isArray(filter.$and) && filter.$and.some((part) => isDocument(part) && statedLiterally(part, name, expected))
  );
}

function impliedByBounds(filter: Document, name: string, expected: unknown): boolean {
  const wanted = hasOperators(expected) ? expected : { $eq: expected };
  return boundsOf(filter).every((conjunction) => {
    const all = conjunction.get(name) ?? [];
    return Object.keys(wanted).every((operator) => all.some((bounds) => implies(bounds, operator, wanted[operator])));
  });
}

function implies(bounds: FieldBounds, operator: string, value: unknown): boolean {
  if (operator === "$exists") return value === true && bounds.matchesMissing !== true;
  const [[needed] = []] = boundsOf({ value: { [operator]: value } }).map(
    (conjunction) => conjunction.get("value") ?? [],
  );
  if (!needed) return false;
  const { points } = bounds;
  if (needed.points) {
    const allowed = new Set(needed.points);
    return points?.every((point) => allowed.has(point)) ?? false;
  }
  if (!needed.low || !needed.high) return false;
  const [low, high] = points ? [points[0], points.at(-1)] : [bounds.low?.key, bounds.high?.key];
  if (low === undefined || high === undefined) return false;
  const aboveLow =
    low > needed.low.key || (low === needed.low.key && (needed.low.inclusive || bounds.low?.inclusive === false));
  const belowHigh =
    high < needed.high.key || (high === needed.high.key && (needed.high.inclusive || bounds.high?.inclusive === false));
  return aboveLow && belowHigh;
}
