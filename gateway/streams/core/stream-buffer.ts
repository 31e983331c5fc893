import type { EventBuffer } from "../event-field";
import type { EntityKey } from "./prepared-stream";
import type { SharedMessage, Telling } from "./shared-message";

/** One message for everyone of a group. */
export interface Delivery extends Telling {
  readonly message: SharedMessage;
  /** Which entity it is about; `undefined` for one that must not be merged with another. */
  readonly entity: EntityKey | undefined;
}

/** What waits for one slow reader, within the bounds of its field. */
export interface StreamBuffer {
  readonly size: number;
  /** @returns false when the policy is to end the subscription instead */
  push(delivery: Delivery): boolean;
  shift(): Delivery | undefined;
}

/**
 * The order of what waits is the order of the log: a newer state of an entity takes its place at the end, so that a cursor never passes over
 * what still waits. A single message beyond the bound of bytes is kept while nothing else waits.
 * @param onLost told of each delivery that nobody will read: because a newer one of its entity replaced it, or because there was no room
 */
export function createStreamBuffer(
  { policy, maxMessages, maxBytes }: EventBuffer,
  onLost: (delivery: Delivery, why: "replaced" | "dropped") => void,
): StreamBuffer {
  const waiting = new Map<EntityKey | symbol, Delivery>();
  let bytes = 0;

  const take = (slot: EntityKey | symbol): Delivery | undefined => {
    const delivery = waiting.get(slot);
    if (delivery && waiting.delete(slot)) bytes -= delivery.message.text.length;
    return delivery;
  };
  const isOver = () => waiting.size > maxMessages || (bytes > maxBytes && waiting.size > 1);

  return {
    get size() {
      return waiting.size;
    },
    push: (delivery) => {
      const { entity, message } = delivery;
      const slot = policy === "LATEST" && entity !== undefined ? entity : Symbol();
      const replaced = take(slot);
      if (replaced) onLost(replaced, "replaced");
      waiting.set(slot, delivery);
      bytes += message.text.length;
      if (policy === "CLOSE") return !isOver();
      while (isOver()) {
        const [oldest] = waiting.keys();
        const dropped = oldest === undefined ? undefined : take(oldest);
        if (dropped) onLost(dropped, "dropped");
      }
      return true;
    },
    shift: () => {
      const [first] = waiting.keys();
      return first === undefined ? undefined : take(first);
    },
  };
}
