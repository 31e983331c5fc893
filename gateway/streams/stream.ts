import type { DocumentNode, GraphQLError, OperationDefinitionNode } from "graphql";
import type { Generation } from "../generation";
import type { GoneSignal, UpstreamContext } from "../upstream/upstream-context";

/** An operation that passed every check that the HTTP door makes: parse, validation, limits, access rules, variables. */
export interface CheckedOperation {
  readonly generation: Generation;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced on this generation, defaults included. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** One subscription operation of one client, on whatever transport. */
export interface SubscriptionRequest {
  readonly checked: CheckedOperation;
  readonly operationName?: string | undefined;
  /** Makes the same checks on another graph: a subscription outlives the graph that it began on. */
  recheck(generation: Generation): CheckedOperation | readonly GraphQLError[];
  readonly context: UpstreamContext;
  /** When the viewer's token ends, in milliseconds since 1970: the subscription ends with it. */
  readonly expiresAtMs?: number | undefined;
  /** Whose limit of subscriptions this one counts for: the viewer, or the address of an anonymous one. */
  readonly client: string;
  /** As a message before carried it: the subscription goes on behind it. */
  readonly cursor?: string | undefined;
  /** Aborted when the client leaves before `open` has settled: nothing is waited for then. */
  readonly gone?: GoneSignal | undefined;
  /** W3C Trace Context that the client itself sent: while it is recorded, each delivery to this client is too. */
  readonly clientTrace?: string | undefined;
}

/** One message for one or many subscribers, serialised once. */
export interface StreamMessage {
  /** JSON of an execution result: `{"data":…,"extensions":{"cursor":"…"}}`. */
  readonly text: string;
  /** Where to go on after this message; opaque to clients. Absent when nothing could be resumed. */
  readonly cursor?: string | undefined;
  /** Kept for who writes it to many sockets: `null` after the first, then its bytes. */
  wire?: Buffer | null | undefined;
}

/** Why a subscription is over. */
export type Ending =
  /** Nothing more will come. */
  | { readonly kind: "complete" }
  /** Typed errors for the client, each with a code; `extensions.cursor` where the subscription can be resumed. */
  | { readonly kind: "error"; readonly errors: readonly GraphQLError[] }
  /** This process ends; the client is to come back, to another one. */
  | { readonly kind: "going-away" };

/** The transport's end of a subscription. Neither method throws. */
export interface Sink {
  /**
   * Takes one message, always. `false` asks for no more until `Subscription.drained` is called: what comes meanwhile waits in the
   * subscription's own bounded buffer, under its field's policy.
   */
  write(message: StreamMessage): boolean;
  /** Several messages follow at once: a transport may send them together. */
  gather?(): void;
  /** The last call: the client is told, if the transport can. */
  end(ending: Ending): void;
}

/** The core's end of a subscription. */
export interface Subscription {
  /** The sink takes messages again. */
  drained(): void;
  /** The same viewer has a newer token. */
  renew(expiresAtMs: number | undefined): void;
  /** The client has left: the sink is not called any more. */
  leave(): void;
}

/** The core of live data, without a transport: events in, messages out. */
export interface Streams {
  /**
   * The request's generation must not be retired until this has settled; the subscription runs on without it.
   * The sink is not called before this has settled.
   * @returns the running subscription, or why it cannot run (typed errors, for the client)
   */
  open(request: SubscriptionRequest, sink: Sink): Promise<Subscription | readonly GraphQLError[]>;
  /** Ends every subscription with `going-away`. */
  close(): Promise<void>;
}
