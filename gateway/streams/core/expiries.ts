import type { Clock } from "./clock";

/** Things that end at a time, which may be years away, thousands at once. */
export interface Expiries<Of> {
  /** In place of the time before; `undefined`: never. */
  set(of: Of, atMs: number | undefined): void;
  close(): void;
}

const TICK_MS = 250;

/** Calls back within a quarter of a second after the time. One timer serves all. */
export function createExpiries<Of>(clock: Clock, onExpired: (of: Of) => void): Expiries<Of> {
  const tickOf = new Map<Of, number>();
  const byTick = new Map<number, Set<Of>>();
  let stop: (() => void) | undefined;

  const forget = (of: Of) => {
    const tick = tickOf.get(of);
    if (tick === undefined) return;
    tickOf.delete(of);
    const others = byTick.get(tick);
    if (others?.delete(of) && others.size === 0) byTick.delete(tick);
  };
  const schedule = () => {
    if (tickOf.size === 0 || stop) return;
    stop = clock.after(TICK_MS, () => {
      stop = undefined;
      const now = Math.floor(clock.now() / TICK_MS);
      const due = [...byTick].filter(([tick]) => tick <= now).flatMap(([, all]) => [...all]);
      for (const of of due) {
        forget(of);
        onExpired(of);
      }
      schedule();
    });
  };

  return {
    set: (of, atMs) => {
      forget(of);
      if (atMs === undefined) return;
      const tick = Math.ceil(atMs / TICK_MS);
      tickOf.set(of, tick);
      byTick.set(tick, (byTick.get(tick) ?? new Set<Of>()).add(of));
      schedule();
    },
    close: () => stop?.(),
  };
}
