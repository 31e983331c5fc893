import type { GraphQLError } from "graphql";
import type { EventMessage } from "../../../kit/amqp/event-message";
import type { EventField } from "../event-field";
import type { SubscriptionRequest } from "../stream";

export type EntityKey = string | number;

/** An entity that subscribers are to be shown: because of an event, or because it is what the subscription begins with. */
export interface Change {
  readonly key: EntityKey;
  readonly event: EventMessage | undefined;
  /** W3C Trace Context of the execution, where it is traced: what it asks of subgraphs follows from it. */
  readonly traceparent?: string | undefined;
}

/** A subscription of a viewer, planned: everything that stays the same from event to event. */
export interface PreparedStream {
  readonly field: EventField;
  /** The field's arguments, coerced: what `$args` of its conditions stands for. */
  readonly args: Readonly<Record<string, unknown>>;
  /** What `$claims` of its conditions stands for. */
  readonly claims: Readonly<Record<string, unknown>>;
  /**
   * Streams with the same key give the same answer to the same change, for everyone who has one: same graph, same normalised operation,
   * same values of the variables that reach a subgraph, same authorisation fingerprint.
   */
  readonly executionKey: string;
  /**
   * @returns JSON of the execution result (`{"data":…}`, perhaps with `errors`); `undefined` when the viewer may not see the entity (any
   * more) or it is gone: such a change is none for this subscriber. Never rejects: what fails unexpectedly is logged and a typed error.
   */
  resolve(change: Change): Promise<string | undefined>;
  /** Why the viewer may not watch the entity, for the client; `undefined` when they may. Asks the entity's owner. */
  refuse(key: EntityKey): Promise<readonly GraphQLError[] | undefined>;
}

/** @throws ClientError when the subscription cannot run */
export type PrepareStream = (
  request: Pick<SubscriptionRequest, "checked" | "operationName" | "context">,
) => Promise<PreparedStream>;
