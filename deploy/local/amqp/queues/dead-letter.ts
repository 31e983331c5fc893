import { withProperties, type Message } from "../message";
import type { FieldTable, FieldValue } from "../wire/field-table";

export type DeathReason = "rejected" | "expired" | "maxlen" | "delivery_limit";

/**
 * The message as its dead letter exchange gets it: `x-death` counts per queue and reason, the newest first, and
 * `expiration` is taken off so that it does not expire again (https://www.rabbitmq.com/docs/dlx#effects).
 */
export function deadLetter(
  message: Message,
  reason: DeathReason,
  queue: string,
  to: { exchange: string; routingKey: string | undefined },
  nowMs: number,
): Message {
  const { expiration, ...properties } = message.properties;
  const { CC, ...headers } = properties.headers ?? {};
  const deaths = tables(headers["x-death"]);
  const known = deaths.findIndex((death) => death.queue === queue && death.reason === reason);
  const [earlier] = known < 0 ? [] : deaths.splice(known, 1);
  const copies = Array.isArray(CC) ? CC : [];
  const death: FieldTable = earlier
    ? { ...earlier, count: Number(earlier.count) + 1 }
    : {
        count: 1,
        reason,
        queue,
        time: { "!": "timestamp", value: Math.floor(nowMs / 1000) },
        exchange: message.exchange,
        "routing-keys": [message.routingKey, ...copies],
        ...(expiration === undefined ? {} : { "original-expiration": expiration }),
      };
  const first: FieldTable =
    headers["x-first-death-queue"] === undefined
      ? {
          "x-first-death-exchange": message.exchange,
          "x-first-death-queue": queue,
          "x-first-death-reason": reason,
        }
      : {};
  const dead = { ...properties, headers: { ...headers, ...first, "x-death": [death, ...deaths] } };
  const moved = { ...message, exchange: to.exchange, routingKey: to.routingKey ?? message.routingKey };
  try {
    return withProperties(moved, dead);
  } catch (error) {
    // Headers near the encoder's 64 KB: the message is worth more than the record of its death.
    if (error instanceof RangeError) return withProperties(moved, { ...properties, headers });
    throw error;
  }
}

/**
 * RabbitMQ drops a message that came back to a queue by expiry and length limits alone: nobody looked at it on the way,
 * so it would go round for ever. A rejection on the way makes it somebody's retry loop, which is allowed.
 */
export function diesInCircles(message: Message, reason: DeathReason, queue: string): boolean {
  if (reason === "rejected") return false;
  const deaths = tables(message.properties.headers?.["x-death"]);
  const there = deaths.findIndex((death) => death.queue === queue);
  return there >= 0 && deaths.slice(0, there + 1).every((death) => death.reason !== "rejected");
}

function tables(value: FieldValue | undefined): FieldTable[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is FieldTable => typeof item === "object" && item !== null && !Array.isArray(item));
}
