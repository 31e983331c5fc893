import type { Logger } from "../log";
import type { RequestContext } from "../request-context";
import type { Span } from "../tracing/tracer";
import type { Viewer } from "../viewer";

/** What every resolver of a subgraph is given for one request. */
export interface SubgraphContext<Loaders> extends RequestContext {
  readonly viewer: Viewer;
  /** Made anew for each request: what one caller may see is never cached for another. */
  readonly loaders: Loaders;
  readonly log: Logger;
  /** The gateway's, for all mutations of the request: see `effectKeyOf`. */
  readonly idempotencyKey?: string | undefined;
  /** Of the whole request, while something is traced. */
  readonly span?: Span | undefined;
}
