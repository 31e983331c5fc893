import type { Logger } from "../../kit/log";
import { Counter, Histogram, type Registry } from "../../kit/metrics";
import type { SubgraphAddress } from "../supergraph/subgraph-addresses";
import { type CallSubgraph, createCallSubgraph, type OnOutcome, type Outcome, type RunningCall } from "./call-subgraph";
import { createDeadlines } from "./deadlines";
import { hasInternalError } from "./mask-subgraph-errors";
import { replyOf } from "./reply";
import { shareCalls } from "./share-calls";
import { createSigner } from "./sign-for-subgraph";
import type { UpstreamContext } from "./upstream-context";
import { UpstreamFault } from "./upstream-fault";
import type { SubgraphClient, Upstream, Upstreams } from "./upstreams";
import { type ConnectionPool, createConnectionPool } from "./http1/connection-pool";
import { createSignalWatch } from "./watch-signal";

export interface UpstreamOptions {
  /** For one call with its retry, from sending to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Of one answer, both as it comes and when it is decoded. */
  readonly maxResponseBytes: number;
  /** Connections to one origin; further calls wait for a free one. */
  readonly maxConnections: number;
  /** Signs who asks. Undefined: subgraphs get no identity header. */
  readonly internalSecret: string | undefined;
  /** Asks subgraphs to compress their answers; worth it only where the network is slower than decoding. Off by default. */
  readonly compression?: boolean;
  /** Equal queries on their way at the same time are sent once; see `shareCalls` for what equal means. Off by default. */
  readonly share?: boolean;
}

export function createUpstreams({
  options,
  log,
  metrics,
}: {
  options: UpstreamOptions;
  log: Logger;
  metrics: Registry;
}): Upstreams {
  const { timeoutMs, maxResponseBytes, maxConnections, internalSecret, compression = false, share = false } = options;
  const sign = internalSecret === undefined ? undefined : createSigner(internalSecret);
  const deadlines = createDeadlines(timeoutMs);
  const watchSignal = createSignalWatch();
  const duration = new Histogram({
    name: "gateway_subgraph_request_duration_seconds",
    help: "Time from sending an operation to a subgraph to its whole answer, retry included.",
    labelNames: ["subgraph", "outcome"],
    registers: [metrics],
  });
  const joined = new Counter({
    name: "gateway_subgraph_requests_shared_total",
    help: "Queries that waited for the answer to an equal one in place of being sent.",
    labelNames: ["subgraph"],
    registers: [metrics],
  });

  const pools = new Map<string, ConnectionPool>();
  const createPool = (url: URL) => {
    const pool = createConnectionPool(url, { maxConnections });
    pools.set(url.origin, pool);
    return pool;
  };

  const createClient = (subgraph: string, call: CallSubgraph): SubgraphClient => ({
    send: (request, context) =>
      new Promise((resolve) => {
        const { signal, requestId } = context;
        const end: OnOutcome = (outcome, isShared = false) =>
          resolve(replyOf(outcome, { subgraph, requestId, isShared, log }));
        const gone = () => end(new UpstreamFault("aborted", "the client is gone"));
        if (signal?.aborted) return gone();
        const unwatch = signal
          ? watchSignal(signal, () => {
              running.giveUp();
              gone();
            })
          : undefined;
        const running: RunningCall = call(request, context, (outcome, isShared) => {
          unwatch?.();
          end(outcome, isShared);
        });
      }),
  });

  const createUpstream = ({ name, url }: SubgraphAddress): { client: SubgraphClient; source: Upstream } => {
    const target = new URL(url);
    const series = new Map<string, { observe(seconds: number): void }>();
    const seriesOf = (outcome: string) => {
      const child = duration.labels(name, outcome);
      series.set(outcome, child);
      return child;
    };
    const call = createCallSubgraph({
      name,
      url: target,
      pool: pools.get(target.origin) ?? createPool(target),
      maxResponseBytes,
      compression,
      deadlines,
      sign,
      observe: (outcome, seconds) => {
        const label = labelOf(outcome);
        (series.get(label) ?? seriesOf(label)).observe(seconds);
      },
    });
    const shares = joined.labels(name);
    return {
      client: createClient(name, share ? shareCalls(call, () => shares.inc()) : call),
      // @apollo/gateway changes what it gets: its answers are its own.
      source: asDataSource(createClient(name, call)),
    };
  };

  const known = new Map<string, ReturnType<typeof createUpstream>>();
  const upstreamOf = (address: SubgraphAddress) => {
    const key = `${address.name} ${address.url}`;
    const upstream = known.get(key) ?? createUpstream(address);
    known.set(key, upstream);
    return upstream;
  };
  return {
    client: (address) => upstreamOf(address).client,
    forSubgraph: (address) => upstreamOf(address).source,
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function labelOf(outcome: Outcome): string {
  if (outcome instanceof UpstreamFault) return outcome.reason;
  return hasInternalError(outcome.errors) ? "error" : "ok";
}

function asDataSource(client: SubgraphClient): Upstream {
  return {
    process: async ({ request, ...rest }) => {
      const { query = "", variables, operationName } = request;
      const body = JSON.stringify({ query, variables, operationName });
      // The library's health checks come without a context; this gateway never asks for them.
      const context = rest.context as UpstreamContext;
      const { data, errors } = await client.send({ body, kind: isMutation(query) ? "mutation" : "query" }, context);
      return { data: data as Record<string, unknown> | null, ...(errors.length > 0 ? { errors } : {}) };
    },
  };
}

/** The planner prints each fetch as one operation that begins with its kind. */
const isMutation = (query: string) => /^\s*mutation\b/.test(query);

/** The clients of one supergraph's subgraphs, by name. */
export function clientsOf(
  upstreams: Pick<Upstreams, "client">,
  subgraphs: readonly SubgraphAddress[],
): (name: string) => SubgraphClient {
  const clients = new Map(subgraphs.map((address) => [address.name, upstreams.client(address)]));
  return (name) => {
    const client = clients.get(name);
    if (!client) throw new Error(`the supergraph has no subgraph "${name}"`);
    return client;
  };
}
