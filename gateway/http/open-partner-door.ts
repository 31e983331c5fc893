import type { GraphQLSchema } from "graphql";
import type { Health } from "../../kit/health";
import type { Logger } from "../../kit/log";
import type { Registry } from "../../kit/metrics";
import type { Shutdown } from "../../kit/shutdown";
import type { OperationCosts } from "../access/cost/operation-cost";
import type { CallStage, RunCall } from "../partners/calls/call";
import { estimateCalls } from "../partners/calls/call-costs";
import { createCallPath } from "../partners/calls/create-call-path";
import { createSubgraphNameCheck } from "../partners/idempotency/check-subgraph-names";
import { createIdempotency, LEASE_MS } from "../partners/idempotency/create-idempotency";
import { createEffectsOnce, type OwnedGraph } from "../partners/idempotency/effects-once";
import { createKeyChecker, type KeyChecker } from "../partners/keys/create-key-checker";
import { refuseOtherOperations } from "../partners/keys/refuse-other-operations";
import { withFormerPepper } from "../partners/keys/with-former-pepper";
import type { StandardQuotas } from "../partners/quotas/create-take-quota";
import { openQuotas } from "../partners/quotas/open-quotas";
import { createLifecycle } from "../partners/registry/create-lifecycle";
import type { OperationRegistry } from "../partners/registry/operation-registry";
import { createIdempotencyStore } from "../partners/store/create-idempotency-store";
import { createKeyStore } from "../partners/store/create-key-store";
import { createUsageStore } from "../partners/store/create-usage-store";
import { openPartnerStores, type PartnerStores } from "../partners/store/open-partner-stores";
import { openRegistry } from "../partners/store/open-registry";
import { createRenewHash } from "../partners/store/renew-key-hash";
import { watchKeys } from "../partners/store/watch-keys";
import { createCallCounter } from "../partners/usage/create-call-counter";
import { createUsageCollector } from "../partners/usage/create-usage-collector";
import { createUsagePruner } from "../partners/usage/create-usage-pruner";
import type { TargetRules } from "../partners/webhooks/target-address";
import { createAgentHostCheck } from "./agent-host";
import { createClientAddress } from "./client-address";
import type { OpenPartnerWebhooks } from "./open-partner-webhooks";
import type { Cors } from "./cors";
import { loadAnswer } from "./partner-mcp";
import { createPartnerRoutes, type PartnerRoutes } from "./partner-routes";

/** The partner API and its database, which may be away: calls are refused then. */
export function openPartnerDoor(options: {
  partners: {
    databaseUrl: string;
    registryPollMs: number;
    keyPepper: string;
    /** The one before, while it is replaced. */
    formerPepper: string | undefined;
    seedDemo: boolean;
    webhookTargets: TargetRules;
    usageDays: number;
    /** Tools for agents, and under which names these reach the gateway; undefined: there are none. */
    mcp: { hosts: readonly string[] } | undefined;
    /** `honouring`: names of subgraphs. */
    idempotency: { keepHours: number; honouring: readonly string[] };
    quotas: StandardQuotas;
  };
  /** Production knows no demo keys: their text is public. */
  isProduction: boolean;
  /** That the gateway listens on. */
  host: string;
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
  /** Called with each one that takes its place. */
  onSupergraph: (listener: (supergraph: OwnedGraph) => void) => void;
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
  const keys = own.add("keys", openKeyChecker({ source, partners, allowDemo: !isProduction, log }));
  own.add("key watch", watchKeys({ url, opened: stores.opened, onChange: keys.forget, log }));
  const { keepHours, honouring } = partners.idempotency;
  const checkNames = createSubgraphNameCheck({ honouring, log });
  checkNames(supergraph());
  options.onSupergraph(checkNames);
  const idempotency = own.add(
    "idempotency",
    createIdempotency({
      store: createIdempotencyStore({ source, keepHours, leaseMs: LEASE_MS }),
      hasEffectsOnce: createEffectsOnce({ graph: supergraph, honouring }),
      log,
    }),
  );
  const estimate = estimateCalls(options.costs);
  const quotas = own.add("quotas", openQuotas({ standard: partners.quotas, redisUrl, estimate, log, metrics }));
  const usage = createUsageStore(source);
  const { record } = own.add("usage", createUsageCollector({ store: usage, log }));
  const { usageDays: keepDays } = partners;
  own.add("old usage", createUsagePruner({ store: usage, keepDays, opened: stores.opened, log }));
  const lifecycle = createLifecycle({ registry, schema });
  const run = createCallPath({
    usage: createCallCounter({ record, schema }),
    checks: [lifecycle, refuseOtherOperations],
    takeQuota: quotas.take,
    stages: [idempotency.stage, testMode],
    graph,
  });
  const addressOf = createClientAddress(trustedProxies);
  const { opened } = operations;
  const webhooks = options.webhooks({
    stores,
    opened,
    registry,
    rules: partners.webhookTargets,
    secretKey: pepper,
    formerSecretKey: partners.formerPepper,
  });
  const { mcp } = partners;
  // While nobody calls yet: the database is still to be opened.
  if (mcp) setImmediate(loadAnswer);
  return createPartnerRoutes({
    run,
    keys,
    addressOf,
    registry,
    schema,
    usage,
    webhooks,
    cors: options.cors,
    isAgentHost: mcp && createAgentHostCheck({ host: options.host, named: mcp.hosts }),
    isDemo: partners.seedDemo,
    maxBodyBytes,
    log,
  });
}

/** Of the pepper; and of the one before, while it is replaced. */
function openKeyChecker(options: {
  source: PartnerStores["source"];
  partners: { keyPepper: string; formerPepper: string | undefined };
  allowDemo: boolean;
  log: Logger;
}): KeyChecker {
  const { source, partners, allowDemo, log } = options;
  const { keyPepper, formerPepper } = partners;
  const checkerOf = (pepper: string) => createKeyChecker({ keys: createKeyStore(source), pepper, allowDemo, log });
  if (formerPepper === undefined) return checkerOf(keyPepper);
  return withFormerPepper({
    checkers: [checkerOf(keyPepper), checkerOf(formerPepper)],
    peppers: [keyPepper, formerPepper],
    renewHash: createRenewHash(source),
    log,
  });
}

const textsOf = (registry: OperationRegistry): readonly string[] =>
  registry.partners.flatMap((partner) => registry.ofPartner(partner).map(({ body }) => body));
