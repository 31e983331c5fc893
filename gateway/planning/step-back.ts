import os from "node:os";

/**
 * Of nice, below the process's own: each step is a factor of 1.25. So planning has at least a quarter of a processor that it shares with
 * one busy thread of the process, whatever the priority of the process is.
 */
const STEPS = 5;

/** @param own nice of the process, from -20 to 19 @returns that of the thread that plans for it */
export const niceBelow = (own: number): number => Math.min(os.constants.priority.PRIORITY_LOW, own + STEPS);

/**
 * Gives the calling thread less than the process has: where there are more threads than processors, serving known operations goes before
 * planning new ones. Of the systems that Node runs on, only Linux gives a thread a priority of its own; elsewhere nothing happens.
 */
export function stepBack(): void {
  if (process.platform !== "linux") return;
  try {
    os.setPriority(niceBelow(os.getPriority()));
  } catch {
    // A sandbox may forbid it: planning goes on as it is.
  }
}
