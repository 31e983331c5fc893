/** The time of a process, to be replaced where time must stand still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @returns stops it */
  after(delayMs: number, run: () => void): () => void;
  /** Runs when the event loop has looked after everything else once. */
  soon(run: () => void): void;
}

/** Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};
