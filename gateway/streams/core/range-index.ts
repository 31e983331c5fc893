import type { ConditionOperator } from "../../../schema/event-condition";
import { type EventPath, valueAt } from "../../../schema/event-path";

export type RangeOperator = Extract<ConditionOperator, "<" | "<=" | ">" | ">=">;

export const isRangeOperator = (operator: ConditionOperator): operator is RangeOperator =>
  operator === "<" || operator === "<=" || operator === ">" || operator === ">=";

/** Entries under bounds of one type, kept in order: an event visits those that it passes and one more. */
export interface RangeIndex<Entry> {
  readonly isEmpty: boolean;
  add(bound: string | number, entry: Entry): void;
  delete(bound: string | number, entry: Entry): void;
  /** Calls back for each entry whose bound the value at the path fulfils. */
  forEach(data: unknown, visit: (entry: Entry) => void): void;
}

export function createRangeIndex<Entry>(path: EventPath, operator: RangeOperator): RangeIndex<Entry> {
  const entries = new Map<string | number, Set<Entry>>();
  // The bounds that most values pass come first: of `value < bound` the largest.
  const direction = operator.startsWith("<") ? -1 : 1;
  const orEqual = operator.endsWith("=");
  let sorted: (string | number)[] | undefined;

  return {
    get isEmpty() {
      return entries.size === 0;
    },
    add: (bound, entry) => {
      if (!entries.has(bound)) sorted = undefined;
      entries.set(bound, (entries.get(bound) ?? new Set<Entry>()).add(entry));
    },
    delete: (bound, entry) => {
      const under = entries.get(bound);
      if (!under?.delete(entry) || under.size > 0) return;
      entries.delete(bound);
      sorted = undefined;
    },
    forEach: (data, visit) => {
      const value = valueAt(data, path);
      sorted ??= [...entries.keys()].sort((a, b) => direction * (a < b ? -1 : 1));
      if (typeof value !== typeof sorted[0]) return;
      for (const bound of sorted) {
        const passes = value === bound ? orEqual : direction < 0 ? value! < bound : value! > bound;
        if (!passes) break;
        entries.get(bound)?.forEach(visit);
      }
    },
  };
}
