import type { RequestContext } from "../../kit/request-context";
import type { Span } from "../../kit/tracing/tracer";
import type { Viewer } from "../../kit/viewer";

/** Tells once that a client is gone; an `AbortSignal` does. */
export interface GoneSignal {
  readonly aborted: boolean;
  /** Each listener is called once. */
  addEventListener(type: "abort", listener: () => void, options: { readonly once: true }): void;
  /** For who does not wait any more. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * Who asks and on whose behalf a subgraph is called: the context value of an operation, and of every event of a subscription.
 * Give it as `context` to a `GraphQLDataSource` of `Upstreams`.
 */
export interface UpstreamContext extends RequestContext {
  /** Signed into the identity header; `undefined` is an anonymous caller. */
  readonly viewer: Viewer;
  /** Ends the calls when the client is gone. */
  readonly signal?: GoneSignal;
  /** The client's headers that the configuration allows to be passed on; names in lower case. */
  readonly forwardedHeaders?: Readonly<Record<string, string>>;
  /** Goes with mutations: equal for every try of one operation. See `IDEMPOTENCY_HEADER` of kit/identity.ts. */
  readonly idempotencyKey?: string | undefined;
  /** Of the whole operation, while something is traced; what follows from it goes by `traceparent`. */
  readonly span?: Span | undefined;
}
