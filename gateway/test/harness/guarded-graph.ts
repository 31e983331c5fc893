import type { ExecutionResult } from "graphql";
import { Registry } from "prom-client";
import type { Viewer } from "../../../kit/viewer";
import { createAccessControl } from "../../access/enforcement/access-control";
import { DEFAULT_LIMITS } from "../../access/limits/operation-limits";
import { readAccessRules } from "../../access/rules/access-rules";
import type { PolicyFunction } from "../../access/rules/rule";
import { createExecutor } from "../../execution/create-executor";
import { asResult, runOperation } from "../../execution/run-operation";
import { createDocumentChecker, isRefused } from "../../operation/check-document";
import { createOperationStore } from "../../execution/operation-store";
import { createOverrideLabels } from "../../operation/override-labels";
import { clientsOf, createUpstreams } from "../../upstream/create-upstreams";
import { compose } from "./compose";
import { type FakeSubgraph, type Resolvers, startFakeSubgraph } from "./fake-subgraph";
import { loadInThread } from "./load-in-thread";
import { recordingLog } from "./recording-log";

export interface Ask {
  readonly viewer?: Viewer;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** A graph behind the gateway's rules, without a door: operations in, answers out. */
export interface GuardedGraph {
  readonly supergraphSdl: string;
  ask(query: string, options?: Ask): Promise<ExecutionResult & { refused?: boolean }>;
  /** Everything that reached subgraphs since the last call, as one text. */
  takeSent(): string;
  close(): Promise<void>;
}

export async function serveGuardedGraph(options: {
  subgraphs: Readonly<Record<string, { sdl: string; resolvers: Resolvers }>>;
  mode?: "filter" | "reject";
  policy?: PolicyFunction;
  /** Last word on the SDL, for what composition would not write itself. */
  edit?: (sdl: string) => string;
}): Promise<GuardedGraph> {
  const { log } = recordingLog();
  const metrics = new Registry();
  const subgraphs: FakeSubgraph[] = await Promise.all(
    Object.entries(options.subgraphs).map(([name, subgraph]) => startFakeSubgraph({ name, ...subgraph })),
  );
  const supergraphSdl = (options.edit ?? ((sdl) => sdl))(compose(subgraphs));
  const supergraph = loadInThread(supergraphSdl);
  const upstreams = createUpstreams({
    options: { timeoutMs: 20_000, maxResponseBytes: 1_000_000, maxConnections: 10, internalSecret: undefined },
    log,
    metrics,
  });
  const executor = createExecutor({
    supergraph,
    planner: supergraph.planner,
    client: clientsOf(upstreams, supergraph.subgraphs),
  });
  const graph = {
    supergraph,
    rules: readAccessRules(supergraph.fullDocument),
    operations: createOperationStore({ executor, maxBytes: 10_000_000, onLookUp: () => undefined }),
    overrideLabels: createOverrideLabels([], new Set()),
  };
  const access = createAccessControl({ mode: options.mode ?? "filter", policy: options.policy });
  const checker = createDocumentChecker({ limits: DEFAULT_LIMITS, introspection: true, suggestions: true });
  return {
    supergraphSdl,
    ask: async (query, { viewer, variables = {}, operationName } = {}) => {
      const checked = checker.check(supergraph, query);
      if (isRefused(checked)) return { errors: checked.errors };
      const result = await runOperation(graph, access, {
        document: checked.document,
        documentKey: checked.key,
        operationName,
        variables,
        context: { requestId: "request-1", traceparent: "00-1-1-01", viewer },
      });
      const { refused } = result;
      const answer = { ...asResult(result), ...(refused === undefined ? {} : { refused }) };
      return JSON.parse(JSON.stringify(answer)) as typeof answer;
    },
    takeSent: () => subgraphs.flatMap(({ received }) => received.splice(0).map(({ query }) => query)).join("\n"),
    close: async () => {
      await executor.close();
      await upstreams.close();
      await Promise.all(subgraphs.map((subgraph) => subgraph.close()));
    },
  };
}
