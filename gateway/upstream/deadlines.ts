/** Something that must be over by a certain time. */
export interface Timed {
  /** By the clock of `performance.now()`; set by `Deadlines`. */
  dueAtMs: number;
  onDue(): void;
}

/** One timer for any number of calls that all have the same time: whoever begins first is due first. */
export interface Deadlines {
  start(timed: Timed): void;
  /** Call it when it is over; harmless when it already was. */
  stop(timed: Timed): void;
}

export function createDeadlines(timeoutMs: number): Deadlines {
  // A set is read in the order of insertion.
  const running = new Set<Timed>();
  let timer: NodeJS.Timeout | undefined;

  const wake = () => {
    timer = undefined;
    const now = performance.now();
    for (const timed of running) {
      if (timed.dueAtMs > now) {
        timer = setTimeout(wake, timed.dueAtMs - now).unref();
        return;
      }
      running.delete(timed);
      timed.onDue();
    }
  };

  return {
    start: (timed) => {
      timed.dueAtMs = performance.now() + timeoutMs;
      running.add(timed);
      timer ??= setTimeout(wake, timeoutMs).unref();
    },
    stop: (timed) => void running.delete(timed),
  };
}
