import { LRUCache } from "lru-cache";
import { type QuotaBucket, type QuotaStore, refilled, type Reservation, taken } from "./quota";

interface Level {
  level: number;
  atMs: number;
  /** Another one is in its place, or will be. */
  isForgotten: boolean;
}

/** Who was not seen for longest begins anew, with a full bucket, when there are more. */
const MAX_BUCKETS = 50_000;
/** A bucket that is used is looked up, and seen, so often and not with every call. */
const SEEN_EVERY_MS = 1_000;

/** The levels of a key's buckets. */
interface Held {
  readonly levels: readonly Level[];
  readonly seenAtMs: number;
}

/** Counts in this process, so each gateway grants the whole quota. @param now milliseconds */
export function createMemoryQuotas(now: () => number = Date.now): QuotaStore {
  const levels = new LRUCache<string, Level>({
    max: MAX_BUCKETS,
    dispose: (level) => (level.isForgotten = true),
  });
  /** By the buckets of one key, which are one object for as long as the key is read as it was. */
  const ofKeys = new WeakMap<readonly QuotaBucket[], Held>();
  const find = (buckets: readonly QuotaBucket[], atMs: number): readonly Level[] => {
    const known = ofKeys.get(buckets);
    // A clock that is set back looks as well.
    const isFresh = known && atMs >= known.seenAtMs && atMs - known.seenAtMs < SEEN_EVERY_MS;
    if (isFresh && !known.levels.some(isForgotten)) return known.levels;
    const found = buckets.map(({ id, units }) => levels.get(id) ?? { level: units, atMs, isForgotten: true });
    ofKeys.set(buckets, { levels: found, seenAtMs: atMs });
    return found;
  };
  const keep = (buckets: readonly QuotaBucket[], held: readonly Level[]): void => {
    for (const [i, level] of held.entries()) {
      if (!level.isForgotten) continue;
      level.isForgotten = false;
      levels.set((buckets[i] as QuotaBucket).id, level);
    }
  };
  return {
    // Loops and no closures: this is done for every call.
    reserve: (buckets, units) => {
      const atMs = now();
      const held = find(buckets, atMs);
      const left: number[] = [];
      let isGranted = true;
      for (let i = 0; i < held.length; i++) {
        const { level, atMs: since } = held[i] as Level;
        const available = refilled(level, atMs - since, buckets[i] as QuotaBucket);
        isGranted &&= available >= units;
        left.push(available);
      }
      const reservation = new MemoryReservation(isGranted, left, buckets, held, units, now);
      // A look at a bucket leaves it as it is: it may be known with another quota elsewhere.
      if (!isGranted || units === 0) return reservation;
      if (held.some(isForgotten)) keep(buckets, held);
      for (let i = 0; i < left.length; i++) {
        left[i] = take(buckets[i] as QuotaBucket, held[i] as Level, units, atMs);
      }
      return reservation;
    },
    close: () => Promise.resolve(levels.clear()),
  };
}

const isForgotten = (level: Level): boolean => level.isForgotten;

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
