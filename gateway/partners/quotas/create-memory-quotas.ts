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

  /** @returns what is left */
  const take = (bucket: QuotaBucket, held: Level, units: number, atMs: number): number => {
    const known = levels.peek(bucket.id);
    const kept = known ?? held;
    kept.level = taken(refilled(kept.level, atMs - kept.atMs, bucket), units, bucket);
    // A clock that is set back must not give the same time twice.
    kept.atMs = Math.max(atMs, kept.atMs);
    if (!known) levels.set(bucket.id, kept);
    return kept.level;
  };

  return {
    reserve: (buckets, units) => {
      const atMs = now();
      const held = buckets.map((bucket) => levels.get(bucket.id) ?? { level: bucket.units, atMs });
      const takeAll = (some: number, whenMs: number) =>
        buckets.map((bucket, i) => take(bucket, held[i] as Level, some, whenMs));
      // A look at a bucket leaves it as it is: it may be known with another quota elsewhere.
      const seen = buckets.map((bucket, i) => {
        const { level, atMs: sinceMs } = held[i] as Level;
        return refilled(level, atMs - sinceMs, bucket);
      });
      const isGranted = seen.every((level) => level >= units);
      const left = isGranted && units !== 0 ? takeAll(units, atMs) : seen;
      const settle = (used: number) => {
        if (used !== units) takeAll(used - units, now());
      };
      return { isGranted, left, settle };
    },
    close: () => Promise.resolve(levels.clear()),
  };
}
