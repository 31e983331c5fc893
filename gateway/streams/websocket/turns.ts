import { createYoungCollector, type YoungCollector } from "./young-collector";

/** Shares the process between a flood of beginnings and everything else that it does. */
export interface Turns {
  /** Runs the task now, or behind those before it when this turn of the event loop has had its share. Tasks must not throw. */
  take(task: () => void): void;
  /** A connection was accepted: more of them may wait for the process. */
  arrived(): void;
}

/**
 * After a lost network thousands of clients come back in the same second. Taken as they come, they keep everyone else waiting for all of them: a query needs
 * several turns of the event loop. So each turn begins one of them: a handshake, or the checks of one operation, some tenths of a millisecond, most of which run
 * behind the task itself. More in a turn end no flood sooner, because it is the processor that bounds it.
 */
export function createTurns(young: YoungCollector = createYoungCollector()): Turns {
  let waiting: (() => void)[] = [];
  let next = 0;
  let hasBegun = false;
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(run);
  };
  const begin = (task: () => void) => {
    hasBegun = true;
    young.count();
    task();
  };
  const run = () => {
    isScheduled = false;
    hasBegun = false;
    young.collectSome();
    const task = waiting[next];
    if (!task) return;
    schedule();
    next++;
    begin(task);
    if (next < waiting.length) return;
    waiting = [];
    next = 0;
  };
  return {
    take: (task) => {
      schedule();
      if (waiting.length > 0 || hasBegun) waiting.push(task);
      else begin(task);
    },
    arrived: () => {
      young.count();
      schedule();
    },
  };
}
