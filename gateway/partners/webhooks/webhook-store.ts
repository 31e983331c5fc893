import type { EventMessage } from "../../../kit/amqp/event-message";
import type { Attempt, DeliveryLease, MessageState, RenderLease, WebhookEndpoint, WebhookMessage } from "./webhook";

/** A secret as it is stored. */
export interface SealedSecret {
  readonly sealed: string;
  readonly expiresAt: Date | undefined;
}

/** One of the secrets that there are. */
export interface StoredSecret {
  readonly id: string;
  readonly endpointId: string;
  readonly sealed: string;
}

export interface LogEntry {
  readonly at: Date;
  readonly kind: "created" | "changed" | "secret-rotated" | "dropped" | "disabled" | "unusable";
  readonly detail: string;
}

/** Endpoints, their secrets and their logs. */
export interface EndpointStore {
  /** Grows whenever an endpoint is made, changed or removed. */
  revision(): Promise<string>;
  /** Of every partner, those that events are kept for. */
  live(): Promise<readonly WebhookEndpoint[]>;
  ofPartner(partnerId: string): Promise<readonly WebhookEndpoint[]>;
  find(partnerId: string, id: string): Promise<WebhookEndpoint | undefined>;
  /** @returns false when the partner has `max` already */
  create(endpoint: Omit<WebhookEndpoint, "partnerSlug">, sealed: string, max: number): Promise<boolean>;
  /** What fails begins afresh when an endpoint is made active. @returns whether there is one */
  change(id: string, change: Partial<Pick<WebhookEndpoint, "url" | "variables" | "state">>, at: Date): Promise<boolean>;
  /** @returns false when it was not active: then somebody else has said so already */
  disable(id: string, reason: string, at: Date): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  /** Those valid at a time, the newest first. */
  secrets(id: string, at: Date): Promise<readonly SealedSecret[]>;
  /** The secrets of before end at `expiresAt`, those that end sooner as they were to. */
  rotate(id: string, sealed: string, times: { readonly at: Date; readonly expiresAt: Date }): Promise<void>;
  /** Of every endpoint, by their ids. @param after undefined: from the first on */
  sealedSecrets(after: string | undefined, limit: number): Promise<readonly StoredSecret[]>;
  /** @returns false when it is another one by now */
  reseal(secret: StoredSecret, sealed: string): Promise<boolean>;
  note(id: string, entry: LogEntry): Promise<void>;
  /** The newest first. */
  log(id: string, limit: number): Promise<readonly LogEntry[]>;
  /** Scopes of the partner's keys that are valid at a time. */
  scopesOf(partnerId: string, mode: WebhookEndpoint["mode"], at: Date): Promise<readonly string[]>;
}

export interface Health {
  readonly failingSince: Date | undefined;
  readonly parkedInARow: number;
}

/** What an attempt came to. */
export type Verdict = { readonly kind: "delivered" | "parked" } | { readonly kind: "later"; readonly at: Date };

export interface Page {
  readonly messages: readonly WebhookMessage[];
  /** For `before` of the next page. */
  readonly next: string | undefined;
}

/** Messages and their attempts. PostgreSQL is the truth; whatever else tells of work only wakes. */
export interface MessageStore {
  /** Behind the messages that its entity has already. @returns false for an event that the endpoint has */
  add(message: { endpointId: string; event: EventMessage; entity: string; at: Date }): Promise<boolean>;
  /** A message of the platform's own, with its body, that was sent already. */
  addSent(message: { id: string; endpointId: string; type: string; body: string; attempt: Attempt }): Promise<void>;

  leaseToRender(options: LeaseOptions & { readonly limit: number }): Promise<readonly RenderLease[]>;
  rendered(lease: RenderLease, body: string, at: Date): Promise<void>;
  renderLater(lease: RenderLease, at: Date, reason: string): Promise<void>;
  /** Nothing is sent. */
  drop(lease: RenderLease, state: "dropped" | "parked", reason: string, at: Date): Promise<void>;

  /** Messages that may be sent: of each active endpoint so many at most, the longest due first. */
  due(
    at: Date,
    perEndpoint: number,
  ): Promise<readonly { readonly id: string; readonly endpointId: string; readonly isFailing: boolean }[]>;
  /** Those of them that nobody else has leased. */
  lease(ids: readonly string[], options: LeaseOptions): Promise<readonly DeliveryLease[]>;
  /** @returns undefined when the lease was lost meanwhile: the attempt is noted, the message is someone else's */
  settle(lease: DeliveryLease, attempt: Attempt, verdict: Verdict): Promise<Health | undefined>;

  /** Gives messages back that were not sent, or not known to be: they are due at once, and this attempt does not count. */
  release(leases: readonly DeliveryLease[]): Promise<void>;

  page(
    endpointId: string,
    query: { state: MessageState | undefined; before: string | undefined; limit: number },
  ): Promise<Page>;
  attempts(messageIds: readonly string[]): Promise<ReadonlyMap<string, readonly Attempt[]>>;
  /** Sends it again, after what waits of its entity. @returns false when there is none that is settled */
  replay(endpointId: string, messageId: string, at: Date): Promise<boolean>;
  /** The same for parked messages since a time, the oldest first. @returns how many */
  replayParked(endpointId: string, since: Date, limit: number, at: Date): Promise<number>;
  /** Forgets what is older. @returns how many messages */
  forget(before: Date): Promise<number>;
}

export interface LeaseOptions {
  readonly at: Date;
  readonly until: Date;
  readonly token: string;
}
