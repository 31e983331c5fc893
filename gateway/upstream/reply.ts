import { GraphQLError } from "graphql";
import type { Logger } from "../../kit/log";
import type { Outcome } from "./call-subgraph";
import { maskSubgraphErrors } from "./mask-subgraph-errors";
import { UpstreamFault } from "./upstream-fault";
import type { SubgraphReply } from "./upstreams";

const NO_ERRORS: readonly GraphQLError[] = Object.freeze([]);

/**
 * What one request may see of an outcome: errors carry the id of this request, under which the log has the rest. A call may have several
 * requests waiting for it, so every one of them is logged.
 */
export function replyOf(outcome: Outcome, { subgraph, requestId, isShared, log }: ReplyOptions): SubgraphReply {
  if (outcome instanceof UpstreamFault) {
    const { reason } = outcome;
    if (reason === "aborted") log.debug({ requestId, subgraph }, "a call to a subgraph was given up");
    else log.error({ err: outcome, requestId, subgraph, reason }, "a subgraph gave no usable answer");
    const error = new GraphQLError("A service behind this part of the graph is not available; try again later.", {
      extensions: { code: "SUBGRAPH_UNAVAILABLE", requestId },
    });
    return { data: null, errors: [error], isPlain: true, bytes: 0, isFault: true };
  }
  const { data, isPlain, isAscii, bytes } = outcome;
  if (outcome.errors.length === 0) {
    return { data, errors: NO_ERRORS, isPlain, isAscii, isShared, bytes, isFault: false };
  }
  const { errors, internal } = maskSubgraphErrors(outcome.errors, requestId);
  if (internal.length > 0) log.error({ requestId, subgraph, errors: internal }, "a subgraph failed");
  return { data, errors, isPlain, isAscii, bytes, isFault: false };
}

export interface ReplyOptions {
  readonly subgraph: string;
  readonly requestId: string;
  /** Other requests get the same data. */
  readonly isShared: boolean;
  readonly log: Logger;
}
