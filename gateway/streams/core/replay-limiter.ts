import { LRUCache } from "lru-cache";
import type { Clock } from "./clock";

/** Shares out the work of giving missed events again. */
export interface ReplayLimiter {
  /** Settles when the client, and this gateway, have something left. */
  enter(client: string): Promise<void>;
  /** @param cost what the replay turned out to be, in events; less than nothing gives back what was charged for and not done */
  charge(client: string, cost: number): void;
}

export interface ReplayRates {
  /** Events per second, and at once after a quiet time. */
  readonly gateway: { readonly rate: number; readonly burst: number };
  readonly client: { readonly rate: number; readonly burst: number };
}

export const DEFAULT_REPLAY_RATES: ReplayRates = {
  gateway: { rate: 20_000, burst: 40_000 },
  client: { rate: 500, burst: 2_000 },
};

const REMEMBERED_CLIENTS = 20_000;

/** A replay's cost is known when it is done: whoever took too much waits before the next one. */
export function createReplayLimiter(clock: Clock, rates = DEFAULT_REPLAY_RATES): ReplayLimiter {
  const gateway = createBucket(clock, rates.gateway);
  const clients = new LRUCache<string, ReturnType<typeof createBucket>>({ max: REMEMBERED_CLIENTS });
  const bucketOf = (client: string) => {
    const bucket = clients.get(client) ?? createBucket(clock, rates.client);
    clients.set(client, bucket);
    return bucket;
  };

  return {
    enter: async (client) => {
      for (;;) {
        const waitMs = Math.max(gateway.waitMs(), bucketOf(client).waitMs());
        if (waitMs === 0) return;
        await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      }
    },
    charge: (client, cost) => {
      gateway.take(cost);
      bucketOf(client).take(cost);
    },
  };
}

function createBucket(clock: Clock, { rate, burst }: ReplayRates["client"]) {
  let level = burst;
  let atMs = clock.now();
  const refill = () => {
    const now = clock.now();
    level = Math.min(burst, level + ((now - atMs) * rate) / 1_000);
    atMs = now;
  };
  return {
    /** 0 when there is something left. */
    waitMs: () => {
      refill();
      return level > 0 ? 0 : Math.ceil((-level * 1_000) / rate) + 1;
    },
    take: (cost: number) => {
      refill();
      level = Math.min(burst, level - cost);
    },
  };
}
