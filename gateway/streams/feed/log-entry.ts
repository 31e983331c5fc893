import type { ConsumeMessage } from "amqplib";
import {
  type EventMessage,
  fromMessage,
  MalformedEventError,
  type Malformation,
} from "../../../kit/amqp/event-message";
import type { Position } from "./event-log";

/** One message of the log. What is no event is set aside, and has its place all the same. */
export interface LogEntry {
  readonly position: Position;
  /** `undefined` for what was set aside, and for the second message of one event. */
  readonly event: EventMessage | undefined;
  /** When the event happened, in milliseconds since 1970; NaN where nobody can say. */
  readonly timeMs: number;
  /** About what it takes in memory. */
  readonly bytes: number;
  /** Why it was set aside, and in words. */
  readonly malformation?: { readonly kind: Malformation; readonly reason: string } | undefined;
}

const OFFSET_HEADER = "x-stream-offset";
/** Attributes, object headers, and the place in the ring. */
const ENTRY_BYTES = 1_000;
/** A parsed body takes about so much more than its text. */
const PARSED_FACTOR = 2;

/** Where a consumer of the log starts, as its argument. */
export const startingAt = (offset: unknown): Record<string, unknown> => ({ [OFFSET_HEADER]: offset });

/** NaN for a message that no stream delivered. */
export function offsetOf(message: ConsumeMessage): number {
  return Number((message.properties.headers as Record<string, unknown> | undefined)?.[OFFSET_HEADER]);
}

/** The id that a position is told by: the message's, which is that of the event where the publisher is ours. */
export function idOf(message: ConsumeMessage): string {
  const id: unknown = message.properties.messageId;
  return typeof id === "string" ? id : "";
}

/** Never throws: whatever a publisher sends is an entry. */
export function readEntry(message: ConsumeMessage): LogEntry {
  const position = { offset: offsetOf(message), id: idOf(message) };
  try {
    const event = fromMessage(message);
    if (!isObject(event.data)) throw new MalformedEventError("the body is no JSON object");
    const bytes = ENTRY_BYTES + PARSED_FACTOR * message.content.length;
    return { position, event, timeMs: Date.parse(event.time), bytes };
  } catch (error) {
    const kind = error instanceof MalformedEventError ? error.malformation : "shape";
    const malformation = { kind, reason: error instanceof Error ? error.message : String(error) };
    return { position, event: undefined, timeMs: NaN, bytes: ENTRY_BYTES, malformation };
  }
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
