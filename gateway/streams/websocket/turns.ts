import { type Beginning, createPace, type Pace } from "./pace";
import { createYoungCollector, type YoungCollector } from "./young-collector";

/** Shares the process between a flood of beginnings and everything else that it does. */
export interface Turns {
  /**
   * Runs the task now, or behind those of its kind before it when this turn of the event loop has had its share. Operations go before handshakes: one client
   * after the other gets what it came for. Tasks must not throw.
   */
  take(kind: Beginning, task: () => void): void;
  /** A connection was accepted: more of them may wait for the process. */
  arrived(): void;
  /** Somebody asked for something else. */
  asked(): void;
}

/**
 * After a lost network thousands of clients come back in the same second. Taken as they come, they keep everyone else waiting for all of them: a query needs
 * several turns of the event loop. So each turn begins one of them: a handshake, or the checks of one operation, some tenths of a millisecond, most of which run
 * behind the task itself. And in between the event loop rests, as far as its `Pace` finds time for it.
 */
export function createTurns({
  young = createYoungCollector(),
  pace = createPace(),
}: { young?: YoungCollector; pace?: Pace } = {}): Turns {
  const waiting = { operation: createQueue(), handshake: createQueue() };
  let hasBegun = false;
  let isScheduled = false;
  let isFlood = false;

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(run);
  };
  const begin = (kind: Beginning, task: () => void) => {
    hasBegun = true;
    young.count();
    pace.count(kind);
    task();
  };
  const beginNext = () => {
    for (const kind of ["operation", "handshake"] as const) {
      const task = waiting[kind].shift();
      if (task) return begin(kind, task);
    }
  };
  const run = () => {
    isScheduled = false;
    hasBegun = false;
    young.collectSome();
    const left = waiting.operation.size + waiting.handshake.size;
    isFlood = left > 0;
    if (!isFlood) return;
    const restMs = pace.restMs(left);
    isScheduled = true;
    if (restMs > 0) return void setTimeout(goOn, restMs);
    setImmediate(run);
    beginNext();
  };
  const goOn = () => {
    pace.rested();
    setImmediate(run);
    beginNext();
  };
  return {
    take: (kind, task) => {
      if (!isFlood && !hasBegun) {
        schedule();
        return begin(kind, task);
      }
      if (!isFlood) pace.start();
      isFlood = true;
      waiting[kind].push(task);
      schedule();
    },
    arrived: () => {
      young.count();
      schedule();
    },
    asked: pace.asked,
  };
}

interface Queue {
  readonly size: number;
  push(task: () => void): void;
  shift(): (() => void) | undefined;
}

/** An array's own `shift` would move thousands. */
function createQueue(): Queue {
  let tasks: (() => void)[] = [];
  let next = 0;
  return {
    get size() {
      return tasks.length - next;
    },
    push: (task) => void tasks.push(task),
    shift: () => {
      const task = tasks[next];
      if (++next >= tasks.length) {
        tasks = [];
        next = 0;
      }
      return task;
    },
  };
}
