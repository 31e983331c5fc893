import path from "node:path";
import type { GraphQLSchema } from "graphql";
import type { Health } from "../../kit/health";
import type { Logger } from "../../kit/log";
import type { Registry } from "../../kit/metrics";
import type { Shutdown } from "../../kit/shutdown";
import type { OperationCosts } from "../access/cost/operation-cost";
import { type CallStage, type RunCall, throughStages } from "../partners/calls/call";
import { createCallCosts } from "../partners/calls/call-costs";
import { createIdempotency, LEASE_MS } from "../partners/idempotency/create-idempotency";
import { createEffectsOnce, type OwnedGraph } from "../partners/idempotency/effects-once";
import { createKeyChecker } from "../partners/keys/create-key-checker";
import { refuseOtherOperations } from "../partners/keys/refuse-other-operations";
import { readManifest } from "../partners/manifest";
import type { StandardQuotas } from "../partners/quotas/create-quota-stage";
import { openQuotas } from "../partners/quotas/open-quotas";
import { createIdempotencyStore } from "../partners/store/create-idempotency-store";
import { createKeyStore } from "../partners/store/create-key-store";
import { openPartnerStores } from "../partners/store/open-partner-stores";
import { watchKeys } from "../partners/store/watch-keys";
import { serveFile } from "../supergraph/serve-file";
import { createClientAddress } from "./client-address";
import { createPartnerRoutes, type PartnerRoutes } from "./partner-routes";

/**
 * The partner API with its manifest, which is watched like the supergraph, and its database, which may be away: calls are refused then.
 * @throws ManifestError or UnreadableFileError
 */
export async function openPartnerDoor(options: {
  partners: {
    databaseUrl: string;
    manifestFile: string;
    keyPepper: string;
    seedDemo: boolean;
    /** `honouring`: names of subgraphs. */
    idempotency: { keepHours: number; honouring: readonly string[] };
    quotas: StandardQuotas;
  };
  /** Production knows no demo keys: their text is public. */
  isProduction: boolean;
  maxBodyBytes: number;
  redisUrl: string | undefined;
  /** Networks. */
  trustedProxies: readonly string[];
  /** Runs what passed the stages. */
  graph: RunCall;
  /** Answers calls with test keys in place of the graph. */
  testMode: CallStage;
  /** What operations cost on the graph that is served now. */
  costs: () => OperationCosts;
  /** The graph that is served now. */
  supergraph: () => OwnedGraph;
  /** The API schema of the graph that is served now. */
  schema: () => GraphQLSchema;
  health: Pick<Health, "require">;
  own: Pick<Shutdown, "add">;
  log: Logger;
  metrics: Registry;
}): Promise<PartnerRoutes> {
  const {
    partners,
    isProduction,
    maxBodyBytes,
    graph,
    testMode,
    redisUrl,
    trustedProxies,
    supergraph,
    schema,
    health,
    own,
    log,
    metrics,
  } = options;
  const manifest = own.add(
    "manifest",
    await serveFile({
      file: path.resolve(partners.manifestFile),
      what: "manifest",
      build: (text) => Promise.resolve(readManifest(text)),
      log,
    }),
  );
  const stores = own.add("partner stores", openPartnerStores({ ...partners, url: partners.databaseUrl, log }));
  // Of use only since then; a database that goes away later takes no door but this one with it.
  health.require("partners", stores.isOpen);
  const { source } = stores;
  const { keyPepper: pepper, databaseUrl: url } = partners;
  const keys = own.add(
    "keys",
    createKeyChecker({ keys: createKeyStore(source), pepper, allowDemo: !isProduction, log }),
  );
  own.add("key watch", watchKeys({ url, opened: stores.opened, onChange: keys.forget, log }));
  const { keepHours, honouring } = partners.idempotency;
  const idempotency = own.add(
    "idempotency",
    createIdempotency({
      store: createIdempotencyStore({ source, keepHours, leaseMs: LEASE_MS }),
      hasEffectsOnce: createEffectsOnce({ graph: supergraph, honouring }),
      log,
    }),
  );
  const costs = createCallCosts(options.costs);
  const { estimate } = costs;
  const quotas = own.add("quotas", openQuotas({ standard: partners.quotas, redisUrl, estimate, log, metrics }));
  const stages = [refuseOtherOperations, quotas.stage, idempotency.stage, costs.meter, testMode];
  const run = throughStages(stages, graph);
  const addressOf = createClientAddress(trustedProxies);
  return createPartnerRoutes({ run, keys, addressOf, registry: manifest.current, schema, maxBodyBytes, log });
}
