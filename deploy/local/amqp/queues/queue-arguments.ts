import { AmqpError } from "../wire/amqp-error";
import type { FieldTable, FieldValue } from "../wire/field-table";
import { fieldType } from "../wire/field-type";
import { maxAgeMs } from "./max-age";

export type QueueType = "classic" | "quorum" | "stream";

/** The arguments of a queue, checked. Undefined means: no such limit. */
export interface QueueSettings {
  type: QueueType;
  messageTtlMs: number | undefined;
  expiresMs: number | undefined;
  maxLength: number | undefined;
  maxLengthBytes: number | undefined;
  overflow: "drop-head" | "reject-publish" | "reject-publish-dlx";
  maxPriority: number;
  deadLetterExchange: string | undefined;
  deadLetterRoutingKey: string | undefined;
  deliveryLimit: number | undefined;
  singleActiveConsumer: boolean;
  maxAgeMs: number | undefined;
  segmentBytes: number;
}

/** Throws the text that stands behind the argument's name in RabbitMQ's refusal. */
type Check = (value: FieldValue, args: FieldTable) => void;

class Unacceptable extends Error {}

/** RabbitMQ's timers hold no more than this many milliseconds. */
const maxTimerMs = 0xffffffff;

const integer: Check = (value) => {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new Unacceptable(`"expected integer, got ${fieldType(value)}"`);
  }
};
const notNegative: Check = (value, args) => {
  integer(value, args);
  if ((value as number) < 0) throw new Unacceptable(`{value_negative,${String(value)}}`);
};
const duration: Check = (value, args) => {
  notNegative(value, args);
  if ((value as number) > maxTimerMs) throw new Unacceptable(`{value_too_large,${String(value)}}`);
};
const expiry: Check = (value, args) => {
  if (value === 0) throw new Unacceptable("{value_zero,0}");
  duration(value, args);
};
const priority: Check = (value, args) => {
  notNegative(value, args);
  if ((value as number) > 255) throw new Unacceptable(`{max_value_exceeded,${String(value)}}`);
};
const ofType =
  (type: "string" | "boolean"): Check =>
  (value) => {
    if (typeof value !== type) throw new Unacceptable(`{unacceptable_type,${fieldType(value)}}`);
  };
const oneOf =
  (refusal: string, ...allowed: string[]): Check =>
  (value, args) => {
    ofType("string")(value, args);
    if (!allowed.includes(value as string)) throw new Unacceptable(refusal);
  };
const anything: Check = () => undefined;

/** The arguments RabbitMQ 3.10 knows; a re-declaration must repeat these, and any other argument is ignored. */
const checks: Record<string, Check> = {
  "x-expires": expiry,
  "x-message-ttl": duration,
  "x-dead-letter-exchange": anything,
  "x-dead-letter-routing-key": (value, args) => {
    ofType("string")(value, args);
    if (args["x-dead-letter-exchange"] === undefined) throw new Unacceptable("routing_key_but_no_dlx_defined");
  },
  "x-dead-letter-strategy": oneOf("invalid_dlx_strategy", "at-most-once", "at-least-once"),
  "x-max-length": notNegative,
  "x-max-length-bytes": notNegative,
  "x-max-in-memory-length": notNegative,
  "x-max-in-memory-bytes": notNegative,
  "x-max-priority": priority,
  "x-overflow": oneOf("invalid_overflow", "drop-head", "reject-publish", "reject-publish-dlx"),
  "x-queue-mode": oneOf("invalid_queue_mode", "default", "lazy"),
  "x-queue-version": notNegative,
  "x-single-active-consumer": ofType("boolean"),
  "x-queue-type": (value, args) => {
    oneOf(`"unsupported queue type '${String(value)}'"`, "classic", "quorum", "stream")(value, args);
  },
  "x-max-age": (value, args) => {
    ofType("string")(value, args);
    if (maxAgeMs(value as string) === undefined) throw new Unacceptable("invalid_max_age");
  },
  "x-stream-max-segment-size-bytes": notNegative,
  "x-initial-cluster-size": notNegative,
  "x-quorum-initial-group-size": notNegative,
  "x-queue-leader-locator": ofType("string"),
  "x-delivery-limit": anything,
};

const common = ["x-max-length-bytes", "x-queue-type", "x-queue-leader-locator"];
const messageQueue = [
  ...common,
  "x-expires",
  "x-message-ttl",
  "x-dead-letter-exchange",
  "x-dead-letter-routing-key",
  "x-max-length",
  "x-max-in-memory-length",
  "x-max-in-memory-bytes",
  "x-overflow",
  "x-single-active-consumer",
];
const accepted: Record<QueueType, ReadonlySet<string>> = {
  classic: new Set([...messageQueue, "x-max-priority", "x-queue-mode", "x-queue-version"]),
  quorum: new Set([...messageQueue, "x-dead-letter-strategy", "x-quorum-initial-group-size", "x-delivery-limit"]),
  stream: new Set([...common, "x-max-age", "x-stream-max-segment-size-bytes", "x-initial-cluster-size"]),
};

/** `where` reads "queue 'name' in vhost '/'". Throws 406 as RabbitMQ words it. */
export function parseQueueArguments(where: string, args: FieldTable): QueueSettings {
  for (const [name, check] of Object.entries(checks)) {
    const value = args[name];
    if (value === undefined) continue;
    if (name === "x-dead-letter-exchange" && typeof value !== "string") {
      throw new AmqpError(406, `invalid type '${fieldType(value)}' for arg '${name}' in ${where}`);
    }
    try {
      check(value, args);
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error;
      throw new AmqpError(406, `invalid arg '${name}' for ${where}: ${error.message}`);
    }
  }
  const type = (args["x-queue-type"] as QueueType | undefined) ?? "classic";
  for (const name of Object.keys(args)) {
    if (!Object.hasOwn(checks, name) || accepted[type].has(name)) continue;
    throw new AmqpError(406, `invalid arg '${name}' for ${where} of queue type rabbit_${type}_queue`);
  }
  const text = (name: string): string | undefined => (typeof args[name] === "string" ? args[name] : undefined);
  const number = (name: string): number | undefined => (typeof args[name] === "number" ? args[name] : undefined);
  const age = text("x-max-age");
  return {
    type,
    messageTtlMs: number("x-message-ttl"),
    expiresMs: number("x-expires"),
    maxLength: number("x-max-length"),
    maxLengthBytes: number("x-max-length-bytes"),
    overflow: (text("x-overflow") as QueueSettings["overflow"] | undefined) ?? "drop-head",
    maxPriority: number("x-max-priority") ?? 0,
    deadLetterExchange: text("x-dead-letter-exchange"),
    deadLetterRoutingKey: text("x-dead-letter-routing-key"),
    deliveryLimit: number("x-delivery-limit"),
    singleActiveConsumer: args["x-single-active-consumer"] === true,
    maxAgeMs: age === undefined ? undefined : maxAgeMs(age),
    segmentBytes: number("x-stream-max-segment-size-bytes") || 500_000_000,
  };
}

/** What a server answers that is older than a type of queue. */
export const unknownType = (where: string, type: QueueType) =>
  new AmqpError(406, `invalid arg 'x-queue-type' for ${where}: "unsupported queue type '${type}'"`);

/** The names whose values a re-declaration has to repeat. */
export const comparedQueueArguments: readonly string[] = Object.keys(checks).filter((n) => n !== "x-delivery-limit");
