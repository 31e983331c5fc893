import { LRUCache } from "lru-cache";
import { type QuotaBucket, type QuotaStore, refilled, type Reservation, taken } from "./quota";

interface Level {
  level: number;
  atMs: number;
}

/** Who was not seen for longest begins anew, with a full bucket, when there are more. */
const MAX_BUCKETS = 50_000;

/** Counts in this process, so each gateway grants the whole quota. @param now milliseconds */
export function createMemoryQuotas(now: () => number = Date.now): QuotaStore {
  const levels = new LRUCache<string, Level>({ max: MAX_BUCKETS });
  return {
    // Loops and no closures: this is done for every call.
    reserve: (buckets, units) => {
      const atMs = now();
      const held: Level[] = [];
      const left: number[] = [];
      let isGranted = true;
      let isNew = false;
      for (const bucket of buckets) {
        const known = levels.get(bucket.id);
        const level = known ?? { level: bucket.units, atMs };
        const available = refilled(level.level, atMs - level.atMs, bucket);
        isNew ||= known === undefined;
        isGranted &&= available >= units;
        held.push(level);
        left.push(available);
      }
      const reservation = new MemoryReservation(isGranted, left, buckets, held, units, now);
      // A look at a bucket leaves it as it is: it may be known with another quota elsewhere.
      if (!isGranted || units === 0) return reservation;
      if (isNew) buckets.forEach(({ id }, i) => levels.set(id, held[i] as Level));
      for (let i = 0; i < left.length; i++) {
        left[i] = take(buckets[i] as QuotaBucket, held[i] as Level, units, atMs);
      }
      return reservation;
    },
    close: () => Promise.resolve(levels.clear()),
  };
}

class MemoryReservation implements Reservation {
  constructor(
    readonly isGranted: boolean,
    readonly left: readonly number[],
    private readonly buckets: readonly QuotaBucket[],
    private readonly held: readonly Level[],
    private readonly units: number,
    private readonly now: () => number,
  ) {}

  /** Of a bucket that was forgotten meanwhile nothing is given back: it is full. */
  settle(used: number): void {
    if (used === this.units) return;
    const atMs = this.now();
    for (let i = 0; i < this.held.length; i++) {
      take(this.buckets[i] as QuotaBucket, this.held[i] as Level, used - this.units, atMs);
    }
  }
}

/** @returns what is left */
function take(bucket: QuotaBucket, held: Level, units: number, atMs: number): number {
  held.level = taken(refilled(held.level, atMs - held.atMs, bucket), units, bucket);
  // A clock that is set back must not give the same time twice.
  held.atMs = Math.max(atMs, held.atMs);
  return held.level;
}
