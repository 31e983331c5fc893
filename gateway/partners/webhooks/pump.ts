import type { Logger } from "../../../kit/log";
import type { Clock } from "../../streams/core/clock";

/** Looks for work when it is told to, and every so often in case that nobody tells. */
export interface Pump {
  wake(): void;
  /** Looks then. */
  wakeAt(at: Date): void;
  /** Waits for the look that is under way. */
  close(): Promise<void>;
}

/** @param options.look finds work and begins it; what it throws is told, and tried again with the next look */
export function createPump(options: {
  what: string;
  look: () => Promise<void>;
  everyMs: number;
  clock: Clock;
  log: Logger;
}): Pump {
  const { what, look, everyMs, clock, log } = options;
  const timers = new Set<() => void>();
  let running: Promise<void> = Promise.resolve();
  let isRunning = false;
  let isWanted = false;
  let isClosed = false;

  const run = async (): Promise<void> => {
    isRunning = true;
    try {
      while (isWanted && !isClosed) {
        isWanted = false;
        await look();
      }
    } catch (err) {
      log.warn({ err, what }, "webhooks could not be looked for, trying again");
    } finally {
      isRunning = false;
    }
  };
  const wake = () => {
    isWanted = true;
    if (!isRunning && !isClosed) running = run();
  };
  const after = (delayMs: number, then: () => void) => {
    const stop = clock.after(delayMs, () => {
      timers.delete(stop);
      then();
    });
    timers.add(stop);
  };
  const sweep = () => {
    wake();
    after(everyMs, sweep);
  };
  sweep();

  return {
    wake,
    wakeAt: (at) => {
      const delayMs = at.getTime() - clock.now();
      if (delayMs <= 0) wake();
      // What is later is for the sweep, or for a wake-up of its own.
      else if (delayMs <= everyMs && !isClosed) after(delayMs, wake);
    },
    close: async () => {
      isClosed = true;
      timers.forEach((stop) => stop());
      await running;
    },
  };
}
