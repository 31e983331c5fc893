import type { EventMessage } from "../../kit/amqp/event-message";
import type { EventCondition } from "../../schema/event-condition";
import { type EventField, valueAt } from "./event-fields";

/** One running subscription as the index sees it. */
export interface Subscriber {
  readonly field: EventField;
  /** The value that each of the field's conditions asks for, in their order. */
  readonly expected: readonly (string | number | boolean)[];
  deliver(event: EventMessage): void;
}

/** Finds who is interested in an event by look-up, not by asking everyone. */
export interface SubscriptionIndex {
  readonly size: number;
  add(subscriber: Subscriber): () => void;
  dispatch(event: EventMessage): void;
  all(): Iterable<Subscriber>;
}

/** Subscribers of one event type, by the path and value of their first condition; those without conditions stand under "". */
interface TypeIndex {
  readonly paths: Map<string, { path: readonly string[]; byValue: Map<string, Set<Subscriber>> }>;
  readonly unconditional: Set<Subscriber>;
}

export function createSubscriptionIndex(): SubscriptionIndex {
  const byType = new Map<string, TypeIndex>();
  const everyone = new Set<Subscriber>();

  const bucketsOf = (subscriber: Subscriber): Set<Subscriber>[] =>
    subscriber.field.types.map((type) => {
      const index = byType.get(type) ?? { paths: new Map(), unconditional: new Set() };
      byType.set(type, index);
      const [first] = subscriber.field.conditions;
      if (!first) return index.unconditional;
      const pathKey = first.path.join(".");
      const entry = index.paths.get(pathKey) ?? { path: first.path, byValue: new Map() };
      index.paths.set(pathKey, entry);
      const valueKey = String(subscriber.expected[0]);
      const bucket = entry.byValue.get(valueKey) ?? new Set();
      entry.byValue.set(valueKey, bucket);
      return bucket;
    });

  const forget = (subscriber: Subscriber) => {
    everyone.delete(subscriber);
    for (const type of subscriber.field.types) {
      const index = byType.get(type);
      index?.unconditional.delete(subscriber);
      for (const { byValue } of index?.paths.values() ?? []) {
        const valueKey = String(subscriber.expected[0]);
        const bucket = byValue.get(valueKey);
        // An empty set per entity ever watched would be a leak.
        if (bucket?.delete(subscriber) && bucket.size === 0) byValue.delete(valueKey);
      }
    }
  };

  return {
    get size() {
      return everyone.size;
    },
    add: (subscriber) => {
      everyone.add(subscriber);
      for (const bucket of bucketsOf(subscriber)) bucket.add(subscriber);
      return () => forget(subscriber);
    },
    dispatch: (event) => {
      const index = byType.get(event.type);
      if (!index) return;
      for (const { path, byValue } of index.paths.values()) {
        const interested = byValue.get(String(valueAt(event.data, path)));
        for (const subscriber of [...(interested ?? [])]) {
          if (holds(subscriber.field.conditions, subscriber.expected, event)) subscriber.deliver(event);
        }
      }
      for (const subscriber of [...index.unconditional]) subscriber.deliver(event);
    },
    all: () => everyone,
  };
}

const holds = (
  conditions: readonly EventCondition[],
  expected: readonly (string | number | boolean)[],
  event: EventMessage,
): boolean => conditions.every(({ path }, i) => valueAt(event.data, path) === expected[i]);
