import { GraphQLError } from "graphql";
import { Agent } from "undici";
import { IDENTITY_HEADER } from "../../kit/identity";
import type { Logger } from "../../kit/log";
import { Histogram, type Registry } from "../../kit/metrics";
import { REQUEST_ID_HEADER, TRACEPARENT_HEADER } from "../../kit/request-context";
import type { SubgraphAddress } from "../supergraph/supergraph-snapshot";
import { maskSubgraphErrors } from "./mask-subgraph-errors";
import { postOperation, type RawResponse } from "./post-operation";
import { createSigner } from "./sign-for-subgraph";
import type { UpstreamContext } from "./upstream-context";
import { UpstreamFault } from "./upstream-fault";
import type { Upstream, Upstreams } from "./upstreams";

export interface UpstreamOptions {
  /** For one call with its retry, from sending to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** Connections to one origin; further calls wait for a free one. */
  readonly maxConnections: number;
  /** Signs who asks. Undefined: subgraphs get no identity header. */
  readonly internalSecret: string | undefined;
}

const KEEP_ALIVE_MS = 30_000;

export function createUpstreams({
  options,
  log,
  metrics,
}: {
  options: UpstreamOptions;
  log: Logger;
  metrics: Registry;
}): Upstreams {
  const agent = new Agent({
    connections: options.maxConnections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // One deadline bounds the whole call; the client's own would only name a part of it.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: options.timeoutMs },
  });
  const sign = options.internalSecret === undefined ? undefined : createSigner(options.internalSecret);
  const duration = new Histogram({
    name: "gateway_subgraph_request_duration_seconds",
    help: "Time from sending an operation to a subgraph to its whole answer, retry included.",
    labelNames: ["subgraph", "outcome"],
    registers: [metrics],
  });

  const createUpstream = ({ name, url }: SubgraphAddress): Upstream => {
    const target = new URL(url);

    const headersFor = async (context: UpstreamContext) => ({
      ...context.forwardedHeaders,
      "content-type": "application/json",
      [REQUEST_ID_HEADER]: context.requestId,
      [TRACEPARENT_HEADER]: context.traceparent,
      ...(sign ? { [IDENTITY_HEADER]: await sign(context, name) } : {}),
    });

    const call = async (query: string, body: string, context: UpstreamContext): Promise<RawResponse> => {
      const deadline = AbortSignal.timeout(options.timeoutMs);
      const signal = context.signal ? AbortSignal.any([deadline, context.signal]) : deadline;
      const request = { body, headers: await headersFor(context), signal, maxResponseBytes: options.maxResponseBytes };
      try {
        return await postOperation(agent, target, request);
      } catch (error) {
        // A kept connection may have been closed by the other side just now. Queries only: a mutation may have arrived.
        if (!(error instanceof UpstreamFault) || error.reason !== "connection" || isMutation(query)) throw error;
        return await postOperation(agent, target, request);
      }
    };

    return {
      process: async ({ request, ...rest }) => {
        // The library's health checks come without a context; this gateway never asks for them.
        const context = rest.context as UpstreamContext;
        const { query = "", variables, operationName } = request;
        const { requestId } = context;
        const end = duration.startTimer({ subgraph: name });
        try {
          const response = await call(query, JSON.stringify({ query, variables, operationName }), context);
          const { errors, internal } = maskSubgraphErrors(response.errors ?? [], requestId);
          if (internal.length > 0) log.error({ requestId, subgraph: name, errors: internal }, "a subgraph failed");
          end({ outcome: internal.length > 0 ? "error" : "ok" });
          return {
            data: response.data ?? null,
            ...(errors.length > 0 ? { errors } : {}),
            ...(response.extensions ? { extensions: response.extensions } : {}),
          };
        } catch (err) {
          const reason = err instanceof UpstreamFault ? err.reason : "fault";
          end({ outcome: reason });
          if (reason === "aborted") log.debug({ requestId, subgraph: name }, "a call to a subgraph was given up");
          else log.error({ err, requestId, subgraph: name, reason }, "a subgraph gave no usable answer");
          const error = new GraphQLError("A service behind this part of the graph is not available; try again later.", {
            extensions: { code: "SUBGRAPH_UNAVAILABLE", requestId },
          });
          return { data: null, errors: [error] };
        }
      },
    };
  };

  const known = new Map<string, Upstream>();
  return {
    forSubgraph: (address) => {
      const key = `${address.name} ${address.url}`;
      const upstream = known.get(key) ?? createUpstream(address);
      known.set(key, upstream);
      return upstream;
    },
    close: () => agent.close(),
  };
}

/** The planner prints each fetch as one operation that begins with its kind. */
const isMutation = (query: string) => /^\s*mutation\b/.test(query);
