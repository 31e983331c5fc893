import type { EventMessage } from "../../../kit/amqp/event-message";
import { valueAt } from "../../../schema/event-path";
import type { EventField } from "../event-field";
import type { LoggedEvent, Position } from "../feed/event-log";
import type { EntityKey } from "./prepared-stream";
import type { SharedMessage } from "./shared-message";

/** One event on its way to all groups: what is made of it once is kept here. */
export class StreamEvent {
  readonly event: EventMessage;
  /** Milliseconds since 1970; NaN when the event does not say. */
  readonly timeMs: number;
  /** By execution key: groups that differ in their filters only share an execution. */
  readonly executions = new Map<string, Promise<SharedMessage | undefined>>();
  /** Where it is traced, of the gateway's taking it: set for live events, not for those of long ago that someone asks for again. */
  traceparent: string | undefined;
  readonly #position: Position | undefined;
  readonly #writeCursor: (position: Position) => string;
  #cursor: string | undefined;

  constructor({ event, position }: LoggedEvent, writeCursor: (position: Position) => string) {
    this.event = event;
    this.timeMs = Date.parse(event.time);
    this.#position = position;
    this.#writeCursor = writeCursor;
  }

  /** `undefined` where the broker keeps no log. */
  get cursor(): string | undefined {
    if (this.#position) this.#cursor ??= this.#writeCursor(this.#position);
    return this.#cursor;
  }
}

/** The key of the entity that an event is about, as the field's directive says; `undefined` when the body breaks its promise. */
export function keyOf({ key: path }: EventField, { data }: EventMessage): EntityKey | undefined {
  const key = valueAt(data, path);
  return typeof key === "string" || typeof key === "number" ? key : undefined;
}

/** Tells entities of a field apart, of several types too. */
export function entityOf({ entities }: EventField, { type }: EventMessage, key: EntityKey): EntityKey {
  return entities.size === 0 ? key : `${entities.get(type) ?? ""} ${typeof key} ${key}`;
}
