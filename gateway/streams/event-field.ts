import type { EventCondition } from "../../schema/event-condition";

/** A subscription field that events feed, as its `@event` directive declares it. */
export interface EventField {
  readonly name: string;
  /** Exact event types. */
  readonly types: readonly string[];
  /** Where the body holds the `id` of the entity that the field returns. */
  readonly key: readonly string[];
  /** Which entity an event of each type is about, where the field returns a union or an interface; empty for an object type. */
  readonly entities: ReadonlyMap<string, string>;
  /** All must hold for an event to reach a subscriber. */
  readonly where: readonly EventCondition[];
  /** All must hold for each event, with the subscriber's claims of now; what cannot be evaluated does not hold. */
  readonly authorize: readonly EventCondition[];
  readonly delivery: EventDelivery;
  readonly buffer: EventBuffer;
  readonly replay: EventReplay;
}

export type EventDelivery =
  /** The key goes to the entity's owner, and the plan fetches. */
  | { readonly kind: "ENTITY" }
  /** These fields of the entity come from the event's body, by path; a selection of others is fetched as with ENTITY. */
  | { readonly kind: "PAYLOAD"; readonly fields: ReadonlyMap<string, readonly string[]> };

export interface EventBuffer {
  /** What a slow reader meets: the newest state of each entity, the loss of the oldest messages (and how many), or the end. */
  readonly policy: "LATEST" | "DROP_OLDEST" | "CLOSE";
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Changes of one entity within this time are one; 0 delivers each. */
  readonly coalesceMs: number;
}

export interface EventReplay {
  readonly maxAgeMs: number;
  readonly maxEvents: number;
}
