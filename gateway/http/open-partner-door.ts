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
import type { StandardQuotas } from "../partners/quotas/create-quota-stage";
import { openQuotas } from "../partners/quotas/open-quotas";
import { createLifecycle } from "../partners/registry/create-lifecycle";
import type { OperationRegistry } from "../partners/registry/operation-registry";
import { createIdempotencyStore } from "../partners/store/create-idempotency-store";
import { createKeyStore } from "../partners/store/create-key-store";
import { createUsageStore } from "../partners/store/create-usage-store";
import { openPartnerStores } from "../partners/store/open-partner-stores";
import { openRegistry } from "../partners/store/open-registry";
import { watchKeys } from "../partners/store/watch-keys";
import { createUsageCollector } from "../partners/usage/create-usage-collector";
import { createUsageStage } from "../partners/usage/create-usage-stage";
import type { TargetRules } from "../partners/webhooks/target-address";
import { createClientAddress } from "./client-address";
import type { OpenPartnerWebhooks } from "./open-partner-webhooks";
import type { Cors } from "./cors";
import { createPartnerRoutes, type PartnerRoutes } from "./partner-routes";

/** The partner API and its database, which may be away: calls are refused then. */
export function openPartnerDoor(options: {
  partners: {
    databaseUrl: string;
    registryPollMs: number;
    keyPepper: string;
    seedDemo: boolean;
    webhookTargets: TargetRules;
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
  webhooks: OpenPartnerWebhooks;
  cors: Pick<Cors, "isAllowed">;
  /** Makes texts of operations ready to run, in bounded time. */
  prepare: (texts: readonly string[]) => Promise<unknown>;
  /** Told where the texts are that are registered at any time. */
  onTexts: (texts: () => readonly string[]) => void;
  health: Pick<Health, "require">;
  own: Pick<Shutdown, "add">;
  log: Logger;
  metrics: Registry;
}): PartnerRoutes {
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
    prepare,
    onTexts,
    health,
    own,
    log,
    metrics,
  } = options;
  const stores = own.add("partner stores", openPartnerStores({ ...partners, url: partners.databaseUrl, log }));
  const { source } = stores;
  const { keyPepper: pepper, databaseUrl: url, registryPollMs: pollMs } = partners;
  const operations = own.add(
    "registry",
    openRegistry({
      stores,
      url,
      pollMs,
      prepare: async (fresh) => void (await prepare(fresh.map(({ body }) => body))),
      log,
    }),
  );
  const registry = operations.current;
  onTexts(() => textsOf(registry()));
  // Of use only since then; a database that goes away later takes no door but this one with it.
  health.require("partners", operations.isOpen);
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
  const usage = createUsageStore(source);
  const { record } = own.add("usage", createUsageCollector({ store: usage, log }));
  const lifecycle = createLifecycle({ registry, schema });
  const stages = [
    createUsageStage({ record, schema }),
    lifecycle,
    refuseOtherOperations,
    quotas.stage,
    idempotency.stage,
    costs.meter,
    testMode,
  ];
  const run = throughStages(stages, graph);
  const addressOf = createClientAddress(trustedProxies);
  const { opened } = operations;
  const webhooks = options.webhooks({ stores, opened, registry, rules: partners.webhookTargets, secretKey: pepper });
  return createPartnerRoutes({
    run,
    keys,
    addressOf,
    registry,
    schema,
    usage,
    webhooks,
    cors: options.cors,
    isDemo: partners.seedDemo,
    maxBodyBytes,
    log,
  });
}

const textsOf = (registry: OperationRegistry): readonly string[] =>
  registry.partners.flatMap((partner) => registry.ofPartner(partner).map(({ body }) => body));
