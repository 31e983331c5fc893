const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * How long after each failed attempt the next one is: eight attempts over a little more than a day.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#retry-schedule
 */
export const DELIVERY_DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  10 * HOUR,
];

/** The same for making a body, which needs the partner's subgraphs and not the partner: about an hour and a half. */
export const RENDER_DELAYS_MS: readonly number[] = [SECOND, 5 * SECOND, 30 * SECOND, 5 * MINUTE, 30 * MINUTE, HOUR];

/** So much later at most, by chance: what failed together does not come back together. */
const JITTER = 0.1;

export interface Retry {
  /** The delay without chance. */
  readonly delayMs: number;
  readonly at: Date;
}

/**
 * @param failed how many attempts were made
 * @param random from 0 to 1
 * @returns `undefined` when there are no more
 */
export function nextRetry(
  delaysMs: readonly number[],
  failed: number,
  nowMs: number,
  random: () => number = Math.random,
): Retry | undefined {
  const delayMs = delaysMs[failed - 1];
  if (delayMs === undefined) return undefined;
  return { delayMs, at: new Date(nowMs + delayMs * (1 + JITTER * random())) };
}
