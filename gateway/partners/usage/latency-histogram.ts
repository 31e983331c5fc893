/**
 * How long calls took, in buckets whose bounds grow by a constant factor: however many calls, and however they are added up over gateways, keys and days,
 * a quantile is off by 2 % at most. Only buckets with calls are kept: bucket i counts calls of more than g^(i-1) and up to g^i milliseconds.
 * https://www.vldb.org/pvldb/vol12/p2195-masson.pdf (DDSketch)
 */
export type LatencyHistogram = ReadonlyMap<number, number>;

const RELATIVE_ERROR = 0.019;
const GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GROWTH = Math.log(GROWTH);
/** Shorter ones count as this long. */
const SHORTEST_MS = 0.01;
const LONGEST_MS = 86_400_000;

export function latencyBucket(durationMs: number): number {
  const bounded = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, durationMs));
  return Math.ceil(Math.log(bounded) / LOG_GROWTH);
}

/** @param quantile 0.5 for the median @returns milliseconds, rounded to four digits; undefined when there were no calls */
export function latencyAt(histogram: LatencyHistogram, quantile: number): number | undefined {
  let calls = 0;
  for (const count of histogram.values()) calls += count;
  const rank = Math.max(1, Math.ceil(quantile * calls));
  let below = 0;
  for (const bucket of [...histogram.keys()].sort((a, b) => a - b)) {
    below += histogram.get(bucket) ?? 0;
    if (below >= rank) return Number(((2 * GROWTH ** bucket) / (GROWTH + 1)).toPrecision(4));
  }
  return undefined;
}
