import type { Viewer } from "../../../kit/viewer";
import { callerKey } from "../../upstream/caller-key";
import type { UpstreamContext } from "../../upstream/upstream-context";

/** As whom a stream is executed. */
export interface Caller {
  readonly viewer: Viewer;
  /** In order of their names: equal headers are sent alike. */
  readonly forwardedHeaders: Readonly<Record<string, string>>;
  /**
   * The authorisation fingerprint. Callers with the same one are the same to every subgraph: same identity down to roles, scopes and
   * session, same forwarded headers.
   */
  readonly fingerprint: string;
}

/**
 * @param isViewerIndependent nothing that a subgraph is asked for depends on who asks: then nobody asks, for everyone. Forwarded headers stay:
 *   of what they mean the schema says nothing.
 */
export function callerOf(context: UpstreamContext, isViewerIndependent: boolean): Caller {
  const headers = Object.entries(context.forwardedHeaders ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const who = {
    viewer: isViewerIndependent ? undefined : context.viewer,
    forwardedHeaders: Object.fromEntries(headers),
  };
  return { ...who, fingerprint: callerKey(who) };
}
