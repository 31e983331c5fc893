import { LRUCache } from "lru-cache";
import { type QuotaBucket, type QuotaStore, refilled, taken } from "./quota";

interface Level {
  readonly level: number;
  readonly atMs: number;
}

/** Who was not seen for longest begins anew, with a full bucket, when there are more. */
const MAX_BUCKETS = 50_000;

/** Counts in this process, so each gateway grants the whole quota. @param now milliseconds */
export function createMemoryQuotas(now: () => number = Date.now): QuotaStore {
  const levels = new LRUCache<string, Level>({ max: MAX_BUCKETS });

  const levelOf = (bucket: QuotaBucket): number => {
    const known = levels.get(bucket.id);
    return known ? refilled(known.level, now() - known.atMs, bucket) : bucket.units;
  };
  const take = (bucket: QuotaBucket, units: number): number => {
    const level = taken(levelOf(bucket), units, bucket);
    // A clock that is set back must not give the same time twice.
    levels.set(bucket.id, { level, atMs: Math.max(now(), levels.get(bucket.id)?.atMs ?? 0) });
    return level;
  };

  return {
    reserve: (buckets, units) => {
      const held = buckets.map(levelOf);
      const isGranted = held.every((level) => level >= units);
      const left = isGranted && units !== 0 ? buckets.map((bucket) => take(bucket, units)) : held;
      const settle = (used: number) => buckets.forEach((bucket) => take(bucket, used - units));
      return Promise.resolve({ isGranted, left, settle });
    },
    close: () => Promise.resolve(levels.clear()),
  };
}
