import { ApolloGateway } from "@apollo/gateway";
import type { QueryPlan } from "@apollo/query-planner";
import { getOperationAST, GraphQLError } from "graphql";
import { LRUCache } from "lru-cache";
import type { Logger } from "../../kit/log";
import { Counter, type Registry } from "../../kit/metrics";
import type { SupergraphSnapshot } from "../supergraph/supergraph-snapshot";
import type { Upstreams } from "../upstream/upstreams";
import type { Executor } from "./executor";
import { withoutTelemetry } from "./without-telemetry";

type Gateway = InstanceType<typeof ApolloGateway>;
type GatewayRequestContext = Parameters<Gateway["executor"]>[0];

const MAX_PLANS = 1_000;

export interface PlanCounters {
  hit(): void;
  miss(): void;
}

/** Counts over all generations: the registry knows each name once. */
export function createPlanCounters(metrics: Registry): PlanCounters {
  const lookUps = new Counter({
    name: "gateway_plan_cache_lookups_total",
    help: "Query plans looked for in the cache.",
    labelNames: ["result"],
    registers: [metrics],
  });
  return { hit: () => lookUps.inc({ result: "hit" }), miss: () => lookUps.inc({ result: "miss" }) };
}

/**
 * @apollo/gateway as the executor of one supergraph: it is loaded once with a fixed SDL and never updated. A reload makes another
 * executor, so an operation that began on the old graph is planned, executed and completed on the old graph.
 *
 * @throws Error when @apollo/gateway cannot load the runtime view
 */
export async function createStockExecutor(options: {
  supergraph: SupergraphSnapshot;
  upstreams: Upstreams;
  counters: PlanCounters;
  log: Logger;
}): Promise<Executor> {
  const { supergraph, upstreams, counters, log } = options;
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
            get: (key) => {
              const plan = plans.get(key);
              if (plan) counters.hit();
              else counters.miss();
              return Promise.resolve(plan);
            },
            set: (key, plan) => Promise.resolve(void plans.set(key, plan)),
            delete: (key) => Promise.resolve(plans.delete(key)),
            clear: () => plans.clear(),
          },
        },
      }),
  );
  await gateway.load();

  return {
    execute: async ({ document, operationName, variables, documentKey, context, showPlan }) => {
      const operation = getOperationAST(document, operationName);
      if (!operation) return { errors: [new GraphQLError("The document does not hold the operation.")] };
      const headers = new Headers();
      if (showPlan) {
        headers.set("apollo-query-plan-experimental", "1");
        headers.set("apollo-query-plan-experimental-format", showPlan === "json" ? "internal" : "prettified");
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
      return gateway.executor(requestContext as unknown as GatewayRequestContext) as ReturnType<Executor["execute"]>;
    },
    close: () => gateway.stop(),
  };
}
