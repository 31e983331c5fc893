import type { Logger } from "../../../kit/log";
import { Counter, type Registry } from "../../../kit/metrics";
import type { Call } from "../calls/call";
import { createMemoryQuotas } from "./create-memory-quotas";
import { createTakeQuota, type StandardQuotas, type TakeQuota } from "./create-take-quota";
import { createRedisQuotas } from "./create-redis-quotas";
import type { QuotaStore } from "./quota";
import { withFallback } from "./with-fallback";

/**
 * Quotas of partners and keys, counted in Redis where there is one, otherwise in this process.
 * @param options.estimate see `createTakeQuota`
 */
export function openQuotas(options: {
  standard: StandardQuotas;
  redisUrl: string | undefined;
  estimate: (call: Call) => number;
  log: Logger;
  metrics: Registry;
}): { readonly take: TakeQuota; close(): Promise<void> } {
  const { standard, redisUrl, estimate, log, metrics } = options;
  const store = openStore(redisUrl, log, metrics);
  const refusals = new Counter({
    name: "gateway_partner_quota_refusals_total",
    help: "Partners' calls refused because a quota was used up, by whose.",
    labelNames: ["policy"],
    registers: [metrics],
  });
  const onRefused = (policy: string) => refusals.inc({ policy });
  return { take: createTakeQuota({ store, standard, estimate, onRefused }), close: store.close };
}

function openStore(redisUrl: string | undefined, log: Logger, metrics: Registry): QuotaStore {
  const local = createMemoryQuotas();
  if (redisUrl === undefined) return local;
  const fallbacks = new Counter({
    name: "gateway_partner_quota_fallbacks_total",
    help: "Partners' calls whose quota was counted by this gateway alone because Redis did not answer.",
    registers: [metrics],
  });
  return withFallback({ shared: createRedisQuotas({ url: redisUrl }), local, log, onFallback: () => fallbacks.inc() });
}
