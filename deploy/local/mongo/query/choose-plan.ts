import { CommandError } from "../errors";
import type { Collection } from "../storage/collection";
import type { CollectionIndex } from "../storage/collection-index";
import type { Interval } from "../storage/sorted-entries";
import { createDocument, type Document, isDocument } from "../values/document";
import { equalValues, valueKey } from "../values/value-key";
import { hasOperators } from "./compile-filter";
import { boundsOf } from "./field-bounds";
import { impliesFilter } from "./implies-filter";
import { type IndexUse, indexIntervals, sortDirection, wholeIndex } from "./index-intervals";
import type { SortField } from "./sort-documents";
import { searchedWords } from "./text-search";

/** How the documents of a query are found. `providesSort` saves sorting them. */
export type Plan =
  | { kind: "scan"; backward: boolean; providesSort: boolean }
  | { kind: "id"; id: string; providesSort: true }
  | { kind: "or"; branches: readonly IndexPlan[]; providesSort: boolean }
  | IndexPlan
  | { kind: "text"; index: CollectionIndex; intervals: readonly Interval[]; backward: false; providesSort: false };

export interface IndexPlan {
  readonly kind: "index";
  readonly index: CollectionIndex;
  readonly intervals: readonly Interval[];
  readonly backward: boolean;
  readonly providesSort: boolean;
}

/**
 * Like the server, uses an index whenever one has a condition on its first field or gives the order wanted, and reads the
 * whole collection only otherwise; among several indexes, the one with the fewest entries to read.
 * https://www.mongodb.com/docs/manual/core/query-plans/
 */
export function choosePlan(
  collection: Collection,
  filter: Document,
  sort: readonly SortField[],
  hint: unknown,
  limit: number,
): Plan {
  const text = textSearchOf(filter);
  if (text !== undefined) return textPlan(collection, text);
  const names = Object.keys(filter);
  const hinted = hint === undefined ? undefined : hintedIndex(collection, hint);
  if (hinted === "natural" || hinted === "reverse") {
    return { kind: "scan", backward: hinted === "reverse", providesSort: sort.length === 0 };
  }
  if (!hinted && names.length === 1 && names[0] === "_id" && isSingleValue(filter._id)) {
    return { kind: "id", id: valueKey(filter._id), providesSort: true };
  }
  const alternatives = boundsOf(filter);
  let best: { plan: Plan; cost: number } | undefined;
  for (const index of hinted ? [hinted] : collection.indexes.values()) {
    if (index.textFields || !coversMatches(index, filter, hinted !== undefined)) continue;
    const bounded = indexIntervals(index, alternatives);
    // Reading all of a sparse index misses documents, so it may not serve an order alone.
    const whole: IndexUse | undefined =
      index.spec.sparse && !hinted ? undefined : { intervals: [wholeIndex], constants: new Set() };
    const use = bounded ?? whole;
    if (!use) continue;
    const direction = sort.length > 0 ? sortDirection(index, use.constants, sort) : "forward";
    if (!bounded && !hinted && (sort.length === 0 || !direction)) continue;
    const entries = use.intervals.reduce((total, interval) => total + index.entries.count(interval), 0);
    const cost = costOf(entries, direction !== undefined, bounded ? limit : 0);
    if (best && best.cost <= cost) continue;
    const plan: Plan = {
      kind: "index",
      index,
      intervals: use.intervals,
      backward: direction === "backward",
      providesSort: direction !== undefined,
    };
    best = { plan, cost };
  }
  const either = best || hinted ? undefined : orPlan(collection, filter, sort);
  return best?.plan ?? either ?? { kind: "scan", backward: false, providesSort: sort.length === 0 };
}

/** When no one index serves an `$or`, perhaps each branch has one of its own. */
function orPlan(collection: Collection, filter: Document, sort: readonly SortField[]): Plan | undefined {
  const { $or, ...rest } = filter;
  if (!Array.isArray($or)) return undefined;
  const branches: IndexPlan[] = [];
  for (const branch of $or) {
    const plan = choosePlan(collection, createDocument({ $and: [rest, branch] }), [], undefined, 0);
    if (plan.kind !== "index") return undefined;
    branches.push(plan);
  }
  return { kind: "or", branches, providesSort: sort.length === 0 };
}

function costOf(entries: number, sorted: boolean, limit: number): number {
  if (!sorted) return entries * 2 + 1;
  return limit > 0 ? Math.min(entries, limit * 4) : entries;
}

/** A partial index only serves queries whose matches it is sure to hold. */
function coversMatches(index: CollectionIndex, filter: Document, hinted: boolean): boolean {
  const partial = index.spec.partialFilterExpression;
  return hinted || !partial || impliesFilter(filter, partial);
}

function hintedIndex(collection: Collection, hint: unknown): CollectionIndex | "natural" | "reverse" {
  if (isDocument(hint) && "$natural" in hint) return Number(hint.$natural) < 0 ? "reverse" : "natural";
  for (const index of collection.indexes.values()) {
    if (index.spec.name === hint || (isDocument(hint) && equalValues(index.spec.key, hint))) return index;
  }
  throw new CommandError(
    2,
    "error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index",
  );
}

function isSingleValue(value: unknown): boolean {
  return (
    !hasOperators(value) &&
    !Array.isArray(value) &&
    (value as { _bsontype?: string } | null)?._bsontype !== "BSONRegExp"
  );
}

function textSearchOf(filter: Document): unknown {
  if (filter.$text !== undefined) return filter.$text;
  if (!Array.isArray(filter.$and)) return undefined;
  return filter.$and
    .map((part) => (isDocument(part) ? textSearchOf(part) : undefined))
    .find((text) => text !== undefined);
}

function textPlan(collection: Collection, text: unknown): Plan {
  const index = [...collection.indexes.values()].find(({ textFields }) => textFields);
  const words = searchedWords(text);
  if (!index) throw new CommandError(27, "text index required for $text query");
  const intervals = words.map((word) => {
    const key = [valueKey(word)];
    return { low: { key, after: false }, high: { key, after: true } };
  });
  return { kind: "text", index, intervals, backward: false, providesSort: false };
}
