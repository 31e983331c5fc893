import { setTimeout as pause } from "node:timers/promises";

export interface Patience {
  readonly deadlineMs?: number;
  readonly pollMs?: number;
  /** Which failures more patience cannot help. */
  readonly isFinal?: (error: unknown) => boolean;
}

/**
 * Asks a live thing again and again until it answers something truthy, and gives that answer.
 *
 * @param what the end of "waited … for", for whoever reads the failure
 * @throws Error after the deadline, with what was asked for and why the last try failed
 */
export async function waitUntil<Answer>(
  what: string,
  ask: () => Answer | Promise<Answer>,
  { deadlineMs = 20_000, pollMs = 25, isFinal = () => false }: Patience = {},
): Promise<Exclude<Answer, undefined | null | false | 0 | "">> {
  const giveUpAt = Date.now() + deadlineMs;
  let lastFailure: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<Answer, undefined | null | false | 0 | "">;
      lastFailure = undefined;
    } catch (error) {
      if (isFinal(error)) throw error;
      lastFailure = error;
    }
    if (Date.now() >= giveUpAt) {
      const why = lastFailure instanceof Error ? ` (${lastFailure.message})` : "";
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}${why}`, { cause: lastFailure });
    }
    await pause(pollMs);
  }
}

/** @throws Error when the promise is not settled in time */
export async function within<Result>(what: string, promise: Promise<Result>, deadlineMs = 20_000): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms in vain for ${what}`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
