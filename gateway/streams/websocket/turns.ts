import { createYoungCollector, type YoungCollector } from "./young-collector";

/** Shares the process between a flood of beginnings and everything else that it does. */
export interface Turns {
  /** Runs the task now, or behind those before it when this turn of the event loop has had its share. Tasks must not throw. */
  take(task: () => void): void;
  /** A connection was accepted: more of them may wait for the process. */
  arrived(): void;
}

/** Each is a handshake, or the checks of one operation: some tenths of a millisecond, most of which run behind the task itself. */
const TASKS_IN_TURN = 2;
/** Where tasks take longer than that, in milliseconds. */
const SHARE_MS = 1;

/**
 * After a lost network thousands of clients come back in the same second. Taken as they come, they keep everyone else waiting for all of them: a query needs
 * several turns of the event loop. So a turn begins a few of them only, and just one while connections arrive: libuv accepts one in each turn, and those that
 * find the system's queue full come back seconds later.
 */
export function createTurns(
  now: () => number = () => performance.now(),
  young: YoungCollector = createYoungCollector(),
): Turns {
  let waiting: (() => void)[] = [];
  let next = 0;
  let taken = 0;
  let spentMs = 0;
  let hasArrivals = false;
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(run);
  };
  const hasShare = () => taken < (hasArrivals ? 1 : TASKS_IN_TURN) && spentMs < SHARE_MS;
  const begin = (task: () => void) => {
    taken++;
    young.count();
    const startMs = now();
    task();
    spentMs += now() - startMs;
  };
  const run = () => {
    isScheduled = false;
    taken = 0;
    spentMs = 0;
    young.collectSome();
    if (waiting.length > 0) schedule();
    for (let task = waiting[next]; task && hasShare(); task = waiting[next]) {
      next++;
      begin(task);
    }
    hasArrivals = false;
    if (next < waiting.length) return;
    waiting = [];
    next = 0;
  };
  return {
    take: (task) => {
      schedule();
      if (waiting.length > 0 || !hasShare()) waiting.push(task);
      else begin(task);
    },
    arrived: () => {
      hasArrivals = true;
      young.count();
      schedule();
    },
  };
}
