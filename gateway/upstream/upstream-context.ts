import type { RequestContext } from "../../kit/request-context";
import type { Viewer } from "../../kit/viewer";

/**
 * Who asks and on whose behalf a subgraph is called: the context value of an operation, and of every event of a subscription.
 * Give it as `context` to a `GraphQLDataSource` of `Upstreams`.
 */
export interface UpstreamContext extends RequestContext {
  /** Signed into the identity header; `undefined` is an anonymous caller. */
  readonly viewer: Viewer;
  /** Ends the calls when the client is gone. */
  readonly signal?: AbortSignal;
  /** The client's headers that the configuration allows to be passed on; names in lower case. */
  readonly forwardedHeaders?: Readonly<Record<string, string>>;
}
