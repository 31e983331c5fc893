import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Environment } from "../../../../kit/config";
import type { Logger } from "../../../../kit/log";
import { createOperationCosts } from "../../../access/cost/operation-cost";
import { loadPolicy } from "../../../access/policy/load-policy";
import { readAccessRules } from "../../../access/rules/access-rules";
import { parseConfig } from "../../../config";
import { createExecutor } from "../../../execution/create-executor";
import { createDocumentChecker } from "../../../operation/check-document";
import { createOverrideLabels } from "../../../operation/override-labels";
import { loadSupergraph } from "../../../supergraph/load-supergraph";
import { urlSource } from "../../../supergraph/url-source";
import type { SubgraphClient } from "../../../upstream/upstreams";
import type { CheckingGraph } from "../check-against-graph";
import { RegistryError } from "../registry-store";

/** What `npm run compose` writes. */
const COMPOSED = "schema/supergraph.graphql";

/**
 * A supergraph under the limits and rules of a gateway with this environment.
 * @param options.source a file or URL; undefined: SUPERGRAPH_FILE, or else what `npm run compose` writes
 * @throws RegistryError, ConfigError or SupergraphError
 */
export async function loadCheckingGraph(options: {
  env: Environment;
  source: string | undefined;
  log: Logger;
  load?: typeof loadSupergraph;
}): Promise<CheckingGraph & { close(): Promise<void> }> {
  const { env, log, load = loadSupergraph } = options;
  const source = options.source ?? (env["SUPERGRAPH_FILE"] || COMPOSED);
  // Limits and rules are the gateway's; its partner API is not opened here, and need not be configured as a whole.
  const config = parseConfig({ ...env, PARTNERS_DATABASE_URL: undefined, SUPERGRAPH_FILE: source });
  const supergraph = await load(await readSource(source), config.subgraphs.urls, { limits: config.planLimits });
  const { apiSchema, fullDocument, planner } = supergraph;
  const executor = createExecutor({ supergraph, planner, client: () => NOBODY });
  return {
    apiSchema,
    rules: readAccessRules(fullDocument),
    checker: createDocumentChecker({
      limits: config.limits,
      introspection: config.introspection,
      suggestions: true,
      defer: config.executor === "own",
    }),
    costs: createOperationCosts({ schema: apiSchema, supergraph: fullDocument, listSize: config.cost.listSize }),
    maxCost: config.cost.max,
    policy: config.policyModule === undefined ? undefined : loadPolicy(config.policyModule, log),
    overrideLabels: createOverrideLabels(supergraph.overrideLabels, config.overrideLabels).chosenFor(""),
    prepare: (operation) => executor.prepare(operation),
    close: () => supergraph.close(),
  };
}

const NOBODY: SubgraphClient = {
  send: () => Promise.reject(new Error("nothing is sent while operations are checked")),
};

async function readSource(source: string): Promise<string> {
  try {
    if (!/^https?:\/\//i.test(source)) return await readFile(path.resolve(source), "utf8");
    return (await urlSource({ url: source, what: "supergraph", pollMs: 60_000 }).read()) ?? "";
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RegistryError(code === undefined ? message : `The supergraph ${source} cannot be read (${code}).`);
  }
}
