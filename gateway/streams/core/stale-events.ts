import { LRUCache } from "lru-cache";
import type { EventMessage } from "../../../kit/amqp/event-message";
import { valueAt } from "../../../schema/event-path";

/** Knows events that come after a newer one of their aggregate, by the `version` of their body; events without one are never stale. */
export interface StaleEvents {
  /** Takes a live event. @returns whether it is older than one before it */
  take(event: EventMessage): boolean;
  /** Whether this one was found to be stale when it came. */
  includes(event: EventMessage): boolean;
}

const REMEMBERED = 20_000;

export function createStaleEvents(): StaleEvents {
  const versions = new LRUCache<string, number>({ max: REMEMBERED });
  const stale = new LRUCache<string, true>({ max: REMEMBERED });

  return {
    take: (event) => {
      const version = valueAt(event.data, ["version"]);
      if (typeof version !== "number") return false;
      const aggregate = `${event.source} ${event.subject}`;
      // Events of one commit have one version.
      if (version >= (versions.get(aggregate) ?? -Infinity)) {
        versions.set(aggregate, version);
        return false;
      }
      stale.set(event.id, true);
      return true;
    },
    includes: ({ id }) => stale.has(id),
  };
}
