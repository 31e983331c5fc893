import { setTimeout as delay } from "node:timers/promises";
import type { EventMessage } from "../../../kit/amqp/event-message";
import type { Logger } from "../../../kit/log";
import type { Subscribers } from "./subscribers";
import type { MessageStore } from "./webhook-store";

/** Takes events into the store: what it has returned for is not lost any more. */
export interface EventTaker {
  take(event: EventMessage): Promise<void>;
  close(): void;
}

const AWAY_MIN_MS = 100;
const AWAY_MAX_MS = 5_000;

/**
 * Events of one subject are taken one after another, in the order in which they came. While the database is away they wait here, in that order.
 * @param options.onTaken called when there are new messages
 */
export function createEventTaker(options: {
  subscribers: Subscribers;
  messages: Pick<MessageStore, "add">;
  isAway: (error: unknown) => boolean;
  now: () => Date;
  onTaken: () => void;
  log: Logger;
}): EventTaker {
  const { subscribers, messages, isAway, now, onTaken, log } = options;
  const lanes = new Map<string, Promise<void>>();
  let isClosed = false;

  const store = async (event: EventMessage): Promise<void> => {
    let added = 0;
    for (const { endpoint, entity } of await subscribers.of(event)) {
      if (await messages.add({ endpointId: endpoint.id, event, entity, at: now() })) added++;
    }
    if (added > 0) onTaken();
  };
  const storePatiently = async (event: EventMessage): Promise<void> => {
    for (let waitMs = AWAY_MIN_MS; ; waitMs = Math.min(waitMs * 2, AWAY_MAX_MS)) {
      try {
        return await store(event);
      } catch (error) {
        if (!isAway(error) || isClosed) throw error;
        log.warn(
          { eventId: event.id, reason: (error as Error).message },
          "the store of webhooks is away, waiting for it",
        );
        await delay(waitMs);
      }
    }
  };

  return {
    take: (event) => {
      const lane = `${event.source} ${event.subject}`;
      // Whether the one before failed is for its own delivery to tell.
      const before = (lanes.get(lane) ?? Promise.resolve()).catch(() => undefined);
      const taken = before.then(() => storePatiently(event));
      const end = taken
        .catch(() => undefined)
        .finally(() => {
          if (lanes.get(lane) === end) lanes.delete(lane);
        });
      lanes.set(lane, end);
      return taken;
    },
    close: () => {
      isClosed = true;
    },
  };
}
