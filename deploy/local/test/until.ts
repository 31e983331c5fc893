import { setTimeout as pause } from "node:timers/promises";

/** Waits for the thing itself: looks again and again until `look` gives something true, and returns it. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 20_000,
): Promise<Exclude<T, false | undefined | null>> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen as Exclude<T, false | undefined | null>;
    if (Date.now() > deadlineMs) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await pause(5);
  }
}
