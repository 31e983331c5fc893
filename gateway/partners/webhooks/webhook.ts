import type { EventMessage } from "../../../kit/amqp/event-message";

/** Where a partner's events go, and which: those of a registered subscription. */
export interface WebhookEndpoint {
  /** UUIDv7. */
  readonly id: string;
  readonly partnerId: string;
  readonly partnerSlug: string;
  readonly url: string;
  readonly operationId: string;
  readonly operationName: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Events of the shop go to live endpoints only; a test endpoint gets what it asks for. */
  readonly mode: "live" | "test";
  /** Of the key that made the endpoint: it never sees more than that, nor more than the partner's keys of now may. */
  readonly scopes: readonly string[];
  /** A paused one keeps its events, a disabled one gets none. */
  readonly state: EndpointState;
  readonly disabledReason: string | undefined;
  /** Since when no delivery succeeded, while deliveries fail. */
  readonly failingSince: Date | undefined;
  readonly createdAt: Date;
}

export type EndpointState = "active" | "paused" | "disabled";

export type MessageState =
  /** Behind an older message of its entity. */
  | "queued"
  /** Next of its entity. */
  | "waiting"
  | "delivered"
  /** Given up after the last attempt. */
  | "parked"
  /** Never sent: the partner may not see what it is about. */
  | "dropped";

/** One event for one endpoint. */
export interface WebhookMessage {
  /** `msg_…`: the `webhook-id`, the same with every attempt and every replay. */
  readonly id: string;
  readonly endpointId: string;
  /** Grows with time: the place in the endpoint's log. */
  readonly seq: string;
  readonly eventId: string;
  readonly type: string;
  readonly state: MessageState;
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly lastError: string | undefined;
  readonly createdAt: Date;
  readonly settledAt: Date | undefined;
}

/** One POST. */
export interface Attempt {
  readonly at: Date;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
  /** Why it does not count as delivered, for the partner. */
  readonly error: string | undefined;
  /** The beginning of the answer's body. */
  readonly response: string | undefined;
}

/** A message that this process alone works on until the lease ends. */
export interface Lease {
  readonly id: string;
  readonly token: string;
  readonly endpoint: WebhookEndpoint;
}

/** Whose body is to be made. */
export interface RenderLease extends Lease {
  readonly event: EventMessage;
  /** How many times it was tried, this one included. */
  readonly renderings: number;
}

/** That is to be sent. */
export interface DeliveryLease extends Lease {
  readonly type: string;
  readonly body: string;
  /** This one included. */
  readonly attempt: number;
}
