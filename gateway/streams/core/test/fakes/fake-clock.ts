import type { Clock } from "../../clock";

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Lets everything happen that needs no time: promises, and what is to happen soon. */
  settle(): Promise<void>;
  /** Lets so much time pass, in the order of the timers. */
  pass(ms: number): Promise<void>;
}

export function createFakeClock(): FakeClock {
  let now = 1_800_000_000_000;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let soon: (() => void)[] = [];

  const settle = async () => {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (soon.length === 0) return;
      const all = soon;
      soon = [];
      all.forEach((run) => run());
    }
  };
  return {
    now: () => now,
    after: (delayMs, run) => {
      const timer = { atMs: now + Math.max(0, delayMs), run };
      timers.push(timer);
      return () => (timers = timers.filter((other) => other !== timer));
    },
    soon: (run) => void soon.push(run),
    settle,
    pass: async (ms) => {
      const until = now + ms;
      await settle();
      for (;;) {
        const [next] = timers.filter(({ atMs }) => atMs <= until).sort((a, b) => a.atMs - b.atMs);
        if (!next) break;
        now = Math.max(now, next.atMs);
        timers = timers.filter((other) => other !== next);
        next.run();
        await settle();
      }
      now = until;
    },
  };
}
