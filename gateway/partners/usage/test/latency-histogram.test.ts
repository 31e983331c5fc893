import fc from "fast-check";
import { latencyAt, latencyBucket } from "../latency-histogram";

function histogramOf(durationsMs: readonly number[]) {
  const histogram = new Map<number, number>();
  for (const duration of durationsMs) {
    const bucket = latencyBucket(duration);
    histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
  }
  return histogram;
}

it("a quantile is off by 2 % at most, whatever the calls took", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (durations, quantile) => {
        const exact = [...durations].sort((a, b) => a - b)[Math.ceil(quantile * durations.length) - 1] ?? NaN;
        const found = latencyAt(histogramOf(durations), quantile) ?? NaN;
        expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(0.02);
      },
    ),
    { numRuns: 500 },
  );
});

it("takes what is too short or too long for the nearest there is, and is small however different calls are", () => {
  expect(latencyAt(histogramOf([0, -1]), 0.5)).toBeCloseTo(0.01, 3);
  expect(latencyAt(histogramOf([Infinity]), 0.5)).toBeGreaterThan(80_000_000);
  expect(histogramOf(Array.from({ length: 100_000 }, (_, i) => 0.01 * 1.0003 ** i)).size).toBeLessThan(700);
});

it("of no calls there is none", () => {
  expect(latencyAt(new Map(), 0.5)).toBeUndefined();
});
