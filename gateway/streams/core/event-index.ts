import type { EventMessage } from "../../../kit/amqp/event-message";
import {
  compileConditions,
  type ConditionScope,
  type EventCondition,
  type EventPredicate,
  operandValue,
} from "../../../schema/event-condition";
import { type EventPath, type EventScalar, isScalar, valueAt } from "../../../schema/event-path";
import type { EventField } from "../event-field";
import { createRangeIndex, isRangeOperator, type RangeIndex } from "./range-index";

/** Who waits for events: the conditions of a field, with the values that they compare with. */
export interface Interest extends ConditionScope {
  readonly field: Pick<EventField, "types" | "where">;
}

/** Which of many interests an event is of: by look-up and by order, not by asking each. */
export interface EventIndex<Of extends Interest> {
  readonly size: number;
  /** @returns takes it out again */
  add(interest: Of): () => void;
  /** Those whose `where` holds. */
  match(event: EventMessage): Of[];
}

interface Entry<Of> {
  readonly interest: Of;
  /** What the place in the index does not already say. */
  readonly rest: EventPredicate;
}

interface LookUp<Of> {
  readonly path: EventPath;
  readonly byValue: Map<EventScalar, Set<Entry<Of>>>;
}

/** All who wait for one type of event. */
interface TypeIndex<Of> {
  readonly lookUps: Map<string, LookUp<Of>>;
  readonly ranges: Map<string, RangeIndex<Entry<Of>>>;
  readonly scanned: Set<Entry<Of>>;
}

export function createEventIndex<Of extends Interest>(): EventIndex<Of> {
  const byType = new Map<string, TypeIndex<Of>>();
  let size = 0;

  const typeIndex = (type: string): TypeIndex<Of> => {
    const index = byType.get(type) ?? { lookUps: new Map(), ranges: new Map(), scanned: new Set() };
    byType.set(type, index);
    return index;
  };

  return {
    get size() {
      return size;
    },
    add: (interest) => {
      const { field } = interest;
      const chosen = choose(field.where, interest);
      const rest = compileConditions(
        field.where.filter((condition) => condition !== chosen?.condition),
        interest,
      );
      const entry = { interest, rest };
      const removals = field.types.map((type) => {
        const index = typeIndex(type);
        const remove = place(index, chosen, entry);
        return () => {
          remove();
          // It may have been given up before and made anew since, by others.
          const isEmpty = index.lookUps.size + index.ranges.size + index.scanned.size === 0;
          if (isEmpty && byType.get(type) === index) byType.delete(type);
        };
      });
      size++;
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        size--;
        removals.forEach((remove) => remove());
      };
    },
    match: ({ type, data }) => {
      const index = byType.get(type);
      if (!index) return [];
      const found: Of[] = [];
      const consider = ({ interest, rest }: Entry<Of>) => {
        if (rest(data)) found.push(interest);
      };
      for (const { path, byValue } of index.lookUps.values()) {
        const value = valueAt(data, path);
        if (value !== undefined) byValue.get(value)?.forEach(consider);
      }
      for (const range of index.ranges.values()) range.forEach(data, consider);
      index.scanned.forEach(consider);
      return found;
    },
  };
}

interface Choice {
  readonly condition: EventCondition;
  readonly operand: unknown;
}

/** The condition that leaves the fewest: equality, then a list, then an order. */
function choose(where: readonly EventCondition[], scope: ConditionScope): Choice | undefined {
  const condition =
    where.find(({ operator }) => operator === "==") ??
    where.find(({ operator }) => operator === "in") ??
    where.find(({ operator }) => isRangeOperator(operator));
  return condition && { condition, operand: operandValue(condition, scope) };
}

/** Nowhere, when the operand lets no event through. @returns takes it out again, and what nobody else needs */
function place<Of>(index: TypeIndex<Of>, chosen: Choice | undefined, entry: Entry<Of>): () => void {
  if (!chosen) {
    index.scanned.add(entry);
    return () => index.scanned.delete(entry);
  }
  const { condition, operand } = chosen;
  const { path, operator } = condition;
  if (isRangeOperator(operator)) {
    if (typeof operand !== "number" && typeof operand !== "string") return () => undefined;
    const name = `${operator} ${typeof operand} ${path.join(".")}`;
    const range = index.ranges.get(name) ?? createRangeIndex(path, operator);
    index.ranges.set(name, range);
    range.add(operand, entry);
    return () => {
      range.delete(operand, entry);
      if (range.isEmpty) index.ranges.delete(name);
    };
  }
  const name = path.join(".");
  const lookUp: LookUp<Of> = index.lookUps.get(name) ?? { path, byValue: new Map() };
  index.lookUps.set(name, lookUp);
  const values = new Set<unknown>(operator === "in" ? (Array.isArray(operand) ? operand : []) : [operand]);
  for (const value of values) {
    if (!isScalar(value)) continue;
    const entries = lookUp.byValue.get(value) ?? new Set();
    lookUp.byValue.set(value, entries.add(entry));
  }
  return () => {
    for (const value of values) {
      const entries = lookUp.byValue.get(value as EventScalar);
      // An empty set per entity ever watched would be a leak.
      if (entries?.delete(entry) && entries.size === 0) lookUp.byValue.delete(value as EventScalar);
    }
    if (lookUp.byValue.size === 0 && index.lookUps.get(name) === lookUp) index.lookUps.delete(name);
  };
}
