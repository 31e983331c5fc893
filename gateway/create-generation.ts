import type { Logger } from "../kit/log";
import { Counter, type Registry } from "../kit/metrics";
import { createCostLimit } from "./access/cost/cost-limit";
import { createOperationCosts } from "./access/cost/operation-cost";
import { readAccessRules } from "./access/rules/access-rules";
import type { GatewayConfig } from "./config";
import { createExecutor } from "./execution/create-executor";
import type { Executor } from "./execution/executor";
import type { Generation } from "./generation";
import { type DocumentChecker, isRefused } from "./operation/check-document";
import { createOperationStore } from "./execution/operation-store";
import { createOverrideLabels } from "./operation/override-labels";
import { prepareTexts } from "./prepare-texts";
import { type LoadedSupergraph, loadSupergraph } from "./supergraph/load-supergraph";
import { requireStockFeatures } from "./supergraph/runtime-view";
import { requireKnownSubgraphs } from "./supergraph/subgraph-addresses";
import { clientsOf } from "./upstream/create-upstreams";
import type { Upstreams } from "./upstream/upstreams";

type StockModule = typeof import("./execution/create-stock-executor");

/** @param previous whose operations are prepared for the new generation before it is served */
export type GenerationBuilder = (sdl: string, previous: Generation | undefined) => Promise<Generation>;

/** Operations of the previous generation that are worth the time. */
const WARM_OPERATIONS = 500;
/** A supergraph is worth more than warm operations: after so long it is served. */
const WARM_MS = 10_000;
/** Of this the operations that are registered have so much at most; they come first. */
const WARM_REGISTERED_MS = 6_000;

/**
 * Makes everything that is made anew for each supergraph.
 * @param options.registered texts of the operations that are registered now
 */
export function createGenerationBuilder(options: {
  config: GatewayConfig;
  upstreams: Upstreams;
  checker: DocumentChecker;
  registered?: () => readonly string[];
  log: Logger;
  metrics: Registry;
  plannerArgv?: readonly string[];
}): GenerationBuilder {
  const { config, upstreams, checker, registered = () => [], log, metrics, plannerArgv } = options;
  const onLookUp = countLookUps(metrics);

  const createExecutorFor = async (supergraph: LoadedSupergraph): Promise<Executor> => {
    if (config.executor === "own") {
      const client = clientsOf(upstreams, supergraph.subgraphs);
      return createExecutor({ supergraph, planner: supergraph.planner, client });
    }
    requireStockFeatures(supergraph.fullDocument);
    // Loaded when it is wanted: it takes tens of megabytes.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a dynamic import cannot name a TypeScript file
    const { createStockExecutor } = require("./execution/create-stock-executor") as StockModule;
    return createStockExecutor({ supergraph, upstreams, log });
  };

  const warm = async (generation: Generation, previous: Generation): Promise<void> => {
    const until = Date.now() + WARM_MS;
    const texts = registered();
    const ready = await prepareTexts(generation, { texts, checker, until: Date.now() + WARM_REGISTERED_MS, log });
    let prepared = 0;
    for (const { document, ...source } of previous.operations.recent(WARM_OPERATIONS)) {
      if (Date.now() > until) break;
      const text = document.loc?.source.body;
      const checked = text === undefined ? undefined : checker.check(generation.supergraph, text);
      if (!checked || isRefused(checked)) continue;
      try {
        await generation.operations.prepare({ ...source, document: checked.document });
        prepared++;
      } catch (error) {
        log.debug({ err: error }, "an operation cannot be prepared for the next supergraph");
      }
    }
    log.info({ registered: ready, operations: prepared }, "operations are prepared for the next supergraph");
  };

  return async (sdl, previous) => {
    const { planLimits: limits, subgraphs } = config;
    const supergraph = await loadSupergraph(sdl, subgraphs.urls, { limits, execArgv: plannerArgv });
    try {
      // Later a subgraph may go; at the start a name that does not exist is a mistake.
      if (!previous) requireKnownSubgraphs(supergraph.subgraphs, subgraphs.urls);
      const rules = readAccessRules(supergraph.fullDocument);
      const executor = await createExecutorFor(supergraph);
      const costs = costsIn(supergraph, config.cost);
      const generation: Generation = {
        supergraph,
        rules,
        executor,
        costs,
        operations: createOperationStore({
          executor,
          maxBytes: config.operationCacheBytes,
          onLookUp,
          onRefused: (document) => checker.forget(supergraph, document),
        }),
        overrideLabels: createOverrideLabels(supergraph.overrideLabels, config.overrideLabels),
        costLimit: config.cost.max > 0 ? createCostLimit(costs, config.cost.max) : undefined,
      };
      if (previous) await warm(generation, previous);
      return generation;
    } catch (error) {
      await supergraph.close();
      throw error;
    }
  };
}

const costsIn = ({ apiSchema: schema, fullDocument }: LoadedSupergraph, { listSize }: GatewayConfig["cost"]) =>
  createOperationCosts({ schema, supergraph: fullDocument, listSize });

/** Counts over all generations: the registry knows each name once. */
function countLookUps(metrics: Registry): (isKnown: boolean) => void {
  const lookUps = new Counter({
    name: "gateway_operation_lookups_total",
    help: "Operations looked for among the prepared ones.",
    labelNames: ["result"],
    registers: [metrics],
  });
  const hit = lookUps.labels("hit");
  const miss = lookUps.labels("miss");
  return (isKnown) => (isKnown ? hit : miss).inc();
}
