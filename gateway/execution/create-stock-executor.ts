import { ApolloGateway } from "@apollo/gateway";
import type { QueryPlan, QueryPlannerConfig } from "@apollo/query-planner";
import { getOperationAST, type GraphQLError } from "graphql";
import { LRUCache } from "lru-cache";
import type { Logger } from "../../kit/log";
import type { LoadedSupergraph } from "../supergraph/load-supergraph";
import type { Upstreams } from "../upstream/upstreams";
import type { ExecutableOperation, Executor } from "./executor";
import { withoutTelemetry } from "./without-telemetry";

type Gateway = InstanceType<typeof ApolloGateway>;
type GatewayRequestContext = Parameters<Gateway["executor"]>[0];

const MAX_PLANS = 1_000;
/** The plan is in the cache of the library; what is kept here is a few references. */
const PLAN_BYTES = 10_000;

/**
 * @apollo/gateway as the executor of one supergraph: it is loaded once with a fixed SDL and never updated. A reload makes another
 * executor, so an operation that began on the old graph is planned, executed and completed on the old graph.
 *
 * @throws Error when @apollo/gateway cannot load the runtime view
 */
export async function createStockExecutor(options: {
  supergraph: Pick<LoadedSupergraph, "runtimeSdl" | "apiSchema" | "subgraphs">;
  upstreams: Upstreams;
  log: Logger;
  /** How far its planner goes, where that is not left to the library. */
  planLimits?: NonNullable<QueryPlannerConfig["debug"]>;
}): Promise<Executor> {
  const { supergraph, upstreams, log, planLimits } = options;
  const plans = new LRUCache<string, QueryPlan>({ max: MAX_PLANS });
  const addresses = new Map(supergraph.subgraphs.map((address) => [address.name, address]));
  const gateway = withoutTelemetry(
    () =>
      new ApolloGateway({
        supergraphSdl: () => Promise.resolve({ supergraphSdl: supergraph.runtimeSdl }),
        buildService: ({ name }) => {
          const address = addresses.get(name);
          if (!address) throw new Error(`the supergraph has no subgraph "${name}"`);
          return upstreams.forSubgraph(address);
        },
        logger: log.child({ library: "@apollo/gateway" }, { level: "warn" }),
        // Who may see a plan is decided at the door; by itself the library would look at NODE_ENV.
        __exposeQueryPlanExperimental: true,
        queryPlannerConfig: {
          cache: {
            get: (key) => Promise.resolve(plans.get(key)),
            set: (key, plan) => Promise.resolve(void plans.set(key, plan)),
            delete: (key) => Promise.resolve(plans.delete(key)),
            clear: () => plans.clear(),
          },
          ...(planLimits ? { debug: planLimits } : {}),
        },
      }),
  );
  await gateway.load();

  return {
    prepare: ({ document, operationName, documentKey }) => {
      const operation = getOperationAST(document, operationName);
      if (!operation) throw new Error("the document does not hold the operation");
      const execute: ExecutableOperation["execute"] = async ({ variables, context, explain }) => {
        const headers = new Headers();
        if (explain) {
          headers.set("apollo-query-plan-experimental", "1");
          headers.set("apollo-query-plan-experimental-format", "prettified");
        }
        const requestContext = {
          request: { operationName, variables: { ...variables }, http: { method: "POST", url: "/", headers } },
          document,
          operation,
          operationName: operation.name?.value ?? null,
          queryHash: documentKey,
          source: documentKey,
          schema: supergraph.apiSchema,
          context,
          logger: log,
          metrics: {},
        };
        const result = await gateway.executor(requestContext as unknown as GatewayRequestContext);
        return {
          data: result.data === undefined ? undefined : JSON.stringify(result.data),
          errors: (result.errors ?? []) as readonly GraphQLError[],
          ...(result.extensions ? { extensions: result.extensions } : {}),
        };
      };
      const bytes = PLAN_BYTES;
      return Promise.resolve({ kind: operation.operation, bytes, hasDeferred: false, plan: undefined, execute });
    },
    close: () => gateway.stop(),
  };
}
