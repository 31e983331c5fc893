import { setTimeout as pause } from "node:timers/promises";

const TURN_MS = 25;

/**
 * Asks until the answer is yes. The wait is counted in turns of this process and not by the clock: where others hold the processor, what
 * is awaited gets as little of it as this does, and is late rather than lost.
 * @param patienceMs on a processor of its own
 * @returns false when the patience is over
 */
export async function waitTurns(ask: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += TURN_MS) {
    if (await ask()) return true;
    await pause(TURN_MS);
  }
  return false;
}
