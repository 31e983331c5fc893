import { LRUCache } from "lru-cache";
import { type QuotaBucket, type QuotaStore, refilled, taken } from "./quota";

interface Level {
  level: number;
  atMs: number;
}

/** Who was not seen for longest begins anew, with a full bucket, when there are more. */
const MAX_BUCKETS = 50_000;

/** Counts in this process, so each gateway grants the whole quota. @param now milliseconds */
export function createMemoryQuotas(now: () => number = Date.now): QuotaStore {
  const levels = new LRUCache<string, Level>({ max: MAX_BUCKETS });

  const levelOf = (bucket: QuotaBucket, atMs: number): number => {
    const known = levels.get(bucket.id);
    return known ? refilled(known.level, atMs - known.atMs, bucket) : bucket.units;
  };
  const take = (bucket: QuotaBucket, units: number, atMs: number): number => {
    const level = taken(levelOf(bucket, atMs), units, bucket);
    const known = levels.peek(bucket.id);
    if (known) {
      known.level = level;
      // A clock that is set back must not give the same time twice.
      known.atMs = Math.max(atMs, known.atMs);
    } else {
      levels.set(bucket.id, { level, atMs });
    }
    return level;
  };

  return {
    reserve: (buckets, units) => {
      const atMs = now();
      const held = buckets.map((bucket) => levelOf(bucket, atMs));
      const isGranted = held.every((level) => level >= units);
      // A look at a bucket leaves it as it is: it may be known with another quota elsewhere.
      const left = isGranted && units !== 0 ? buckets.map((bucket) => take(bucket, units, atMs)) : held;
      const settle = (used: number) => {
        if (used !== units) for (const bucket of buckets) take(bucket, used - units, now());
      };
      return { isGranted, left, settle };
    },
    close: () => Promise.resolve(levels.clear()),
  };
}
