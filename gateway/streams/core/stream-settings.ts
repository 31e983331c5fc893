import type { ReplayRates } from "./replay-limiter";

export interface StreamSettings {
  readonly maxSubscriptions: number;
  readonly maxSubscriptionsPerClient: number;
  /** Over how long subscriptions end when the process does, at most. */
  readonly drainMs?: number;
  /** At the same time, over all groups; what they ask of subgraphs is joined into fewer calls. */
  readonly maxExecutions?: number;
  readonly replayRates?: ReplayRates;
}

export const DEFAULT_MAX_EXECUTIONS = 2_048;
export const DEFAULT_DRAIN_MS = 2_000;
