/**
 * How guessing is slowed down. After ten failures in a row an address is locked for ten seconds, and twice as long after each further
 * failure, up to a quarter of an hour. A day without a failure, or a correct password, forgets them all.
 *
 * The limit is on the address that is typed, whether it has an account or not: otherwise the refusal would tell.
 */
export const FREE_FAILURES = 10;
export const FAILURES_FORGOTTEN_AFTER_MS = 24 * 3_600_000;
const FIRST_LOCK_MS = 10_000;
const LONGEST_LOCK_MS = 15 * 60_000;

/** @param failures in a row, this one included @returns for how long no further attempt is heard; 0 for not at all */
export function lockMsAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(FIRST_LOCK_MS * 2 ** (failures - FREE_FAILURES), LONGEST_LOCK_MS);
}
