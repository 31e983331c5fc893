import type { UpstreamContext } from "./upstream-context";
import { viewerKey } from "./viewer-key";

type Caller = Pick<UpstreamContext, "viewer" | "forwardedHeaders">;

const keys = new WeakMap<Caller, string>();

/**
 * Everything by which a subgraph may tell callers apart: the viewer's value and the forwarded headers, in whatever order. The request id
 * and the trace context are not part of it. Made once for each context.
 */
export function callerKey(caller: Caller): string {
  const known = keys.get(caller);
  if (known !== undefined) return known;
  const { viewer, forwardedHeaders } = caller;
  const headers = forwardedHeaders ? Object.entries(forwardedHeaders).sort(byName) : [];
  // Both parts are JSON texts, in which no line break can be.
  const key = `${viewerKey(viewer)}\n${headers.length > 0 ? JSON.stringify(headers) : ""}`;
  keys.set(caller, key);
  return key;
}

const byName = ([a]: [string, string], [b]: [string, string]) => (a < b ? -1 : 1);
