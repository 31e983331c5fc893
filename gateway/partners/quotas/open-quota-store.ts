import type { Logger } from "../../../kit/log";
import { Counter, type Registry } from "../../../kit/metrics";
import { createMemoryQuotas } from "./memory-quotas";
import type { QuotaStore } from "./quota";
import { createRedisQuotas } from "./redis-quotas";
import { withFallback } from "./with-fallback";

/** In Redis where there is one, otherwise in this process. */
export function openQuotaStore(options: { redisUrl: string | undefined; log: Logger; metrics: Registry }): QuotaStore {
  const { redisUrl, log, metrics } = options;
  const local = createMemoryQuotas();
  if (redisUrl === undefined) return local;
  const fallbacks = new Counter({
    name: "gateway_partner_quota_fallbacks_total",
    help: "Partners' calls whose quota was counted by this gateway alone because Redis did not answer.",
    registers: [metrics],
  });
  return withFallback({ shared: createRedisQuotas({ url: redisUrl }), local, log, onFallback: () => fallbacks.inc() });
}
