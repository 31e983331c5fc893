/** Times in buckets that are each one percent wide: any number of them in a fixed memory, quantiles within a percent. */
export interface Latencies {
  add(ms: number): void;
  /** @param share from 0 to 1. @returns milliseconds; NaN when nothing was added */
  quantile(share: number): number;
}

const GROWTH = Math.log(1.01);
const SMALLEST_MS = 0.001;
const BUCKETS = 2_048;

export function createLatencies(): Latencies {
  const counts = new Uint32Array(BUCKETS);
  let total = 0;
  return {
    add(ms) {
      const bucket = Math.floor(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / GROWTH);
      const index = Math.min(bucket, BUCKETS - 1);
      counts[index] = counts[index]! + 1;
      total++;
    },
    quantile(share) {
      let seen = 0;
      for (let i = 0; i < BUCKETS; i++) {
        seen += counts[i]!;
        if (total > 0 && seen >= share * total) return SMALLEST_MS * Math.exp((i + 0.5) * GROWTH);
      }
      return Number.NaN;
    },
  };
}
