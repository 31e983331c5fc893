import { DELIVERY_DELAYS_MS, nextRetry } from "../retry-schedule";

const HOUR = 3_600_000;

test("eight attempts take a little more than a day, each wait at least as long as the one before", () => {
  const total = DELIVERY_DELAYS_MS.reduce((sum, delayMs) => sum + delayMs, 0);
  expect(DELIVERY_DELAYS_MS).toHaveLength(7);
  expect(DELIVERY_DELAYS_MS).toEqual([...DELIVERY_DELAYS_MS].sort((a, b) => a - b));
  expect(total).toBeGreaterThan(24 * HOUR);
  expect(total).toBeLessThan(30 * HOUR);
});

test("the n-th failure waits the n-th delay, by chance up to a tenth longer, never shorter", () => {
  expect(nextRetry([10, 1_000], 1, 500, () => 0)).toEqual({ delayMs: 10, at: new Date(510) });
  expect(nextRetry([10, 1_000], 2, 500, () => 0)).toEqual({ delayMs: 1_000, at: new Date(1_500) });
  expect(nextRetry([10, 1_000], 2, 500, () => 1)).toEqual({ delayMs: 1_000, at: new Date(1_600) });
});

test("after the last delay there is no other attempt", () => {
  expect(nextRetry([10, 1_000], 3, 500)).toBeUndefined();
  expect(nextRetry([], 1, 500)).toBeUndefined();
});
