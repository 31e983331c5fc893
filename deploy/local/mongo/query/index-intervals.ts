import type { CollectionIndex } from "../storage/collection-index";
import type { Interval } from "../storage/sorted-entries";
import { type Conjunction, type FieldBounds, intersectBounds } from "./field-bounds";
import type { SortField } from "./sort-documents";

/** What an index can do for a query. */
export interface IndexUse {
  readonly intervals: readonly Interval[];
  /** Leading fields that have one known value in every interval: any order of them is provided. */
  readonly constants: ReadonlySet<string>;
}

export const wholeIndex: Interval = { low: { key: [], after: false }, high: { key: [], after: true } };
const maxPoints = 2000;

/**
 * The stretches of the index that hold every match, in index order and without overlap; undefined when a condition on the
 * index's first field is missing in any alternative, for then the server does not consider the index either.
 */
export function indexIntervals(index: CollectionIndex, alternatives: readonly Conjunction[]): IndexUse | undefined {
  const uses = alternatives.map((conjunction) => conjunctionIntervals(index, conjunction));
  const intervals: Interval[] = [];
  let constants: Set<string> | undefined;
  for (const use of uses) {
    if (!use) return undefined;
    intervals.push(...use.intervals);
    constants = constants ? new Set([...constants].filter((path) => use.constants.has(path))) : new Set(use.constants);
  }
  // Each alternative may fix a field to a value of its own.
  if (uses.length > 1) {
    const values = (path: string) => new Set(uses.map((use) => use?.fixed.get(path)));
    constants = new Set([...(constants ?? [])].filter((path) => values(path).size === 1));
  }
  return { intervals: mergeIntervals(index, intervals), constants: constants ?? new Set() };
}

/** Whether reading the index forwards or backwards gives the wanted order; undefined when neither does. */
export function sortDirection(
  index: CollectionIndex,
  constants: ReadonlySet<string>,
  sort: readonly SortField[],
): "forward" | "backward" | undefined {
  const wanted = sort.filter(({ path }) => !constants.has(path));
  let turned: number | undefined;
  let next = 0;
  for (let i = 0; i < index.fields.length && next < wanted.length; i++) {
    const path = index.fields[i] as string;
    const field = wanted[next] as SortField;
    if (field.path === path && !field.textScore && !index.multikey[i]) {
      const turn = field.direction * (index.directions[i] ?? 1);
      if (turned !== undefined && turned !== turn) return undefined;
      turned = turn;
      next++;
    } else if (!constants.has(path)) return undefined;
  }
  if (next < wanted.length) return undefined;
  return turned === -1 ? "backward" : "forward";
}

interface ConjunctionUse extends IndexUse {
  readonly fixed: ReadonlyMap<string, string>;
}

function conjunctionIntervals(index: CollectionIndex, conjunction: Conjunction): ConjunctionUse | undefined {
  let prefixes: string[][] = [[]];
  const fixed = new Map<string, string>();
  let arrayBounded = false;
  for (const [i, path] of index.fields.entries()) {
    const all = conjunction.get(path);
    if (!all || (index.multikey[i] && arrayBounded)) {
      // Two fields of one array may be matched by different elements, while an index key speaks of a single one.
      if (i === 0) return undefined;
      break;
    }
    if (index.multikey[i]) arrayBounded = true;
    const bounds = index.multikey[i] ? narrowest(all) : all.reduce(intersectBounds);
    if (i === 0 && index.spec.sparse && bounds.matchesMissing) return undefined;
    const { points } = bounds;
    if (!points || prefixes.length * points.length > maxPoints) {
      const intervals = prefixes.flatMap((prefix) => rangeInterval(prefix, bounds, index.directions[i] ?? 1));
      return { intervals, constants: new Set(fixed.keys()), fixed };
    }
    if (points.length === 1 && !index.multikey[i]) fixed.set(path, points[0] as string);
    prefixes = prefixes.flatMap((prefix) => points.map((point) => [...prefix, point]));
  }
  const intervals = prefixes.map((key) => ({ low: { key, after: false }, high: { key, after: true } }));
  return { intervals, constants: new Set(fixed.keys()), fixed };
}

function rangeInterval(prefix: readonly string[], bounds: FieldBounds, direction: number): Interval[] {
  const { low, high } = bounds;
  const smallest = low ? { key: [...prefix, low.key], past: !low.inclusive } : { key: prefix, past: false };
  const largest = high ? { key: [...prefix, high.key], past: !high.inclusive } : { key: prefix, past: false };
  const [start, end] = direction > 0 ? [smallest, largest] : [largest, smallest];
  return [{ low: { key: start.key, after: start.past }, high: { key: end.key, after: !end.past } }];
}

function narrowest(all: readonly FieldBounds[]): FieldBounds {
  const rank = ({ points, low, high }: FieldBounds) => (points ? points.length : low && high ? 1e6 : 1e9);
  return all.reduce((best, bounds) => (rank(bounds) < rank(best) ? bounds : best));
}

function mergeIntervals(index: CollectionIndex, intervals: readonly Interval[]): Interval[] {
  const { entries } = index;
  const sorted = intervals
    .filter(({ low, high }) => entries.compareBounds(low, high) < 0)
    .sort((a, b) => entries.compareBounds(a.low, b.low));
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged[merged.length - 1];
    if (last && entries.compareBounds(interval.low, last.high) <= 0) {
      if (entries.compareBounds(interval.high, last.high) > 0) {
        merged[merged.length - 1] = { low: last.low, high: interval.high };
      }
    } else merged.push(interval);
  }
  return merged;
}
