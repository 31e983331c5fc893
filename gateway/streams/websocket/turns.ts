import { createPace, type Pace } from "./pace";
import { createYoungCollector, type YoungCollector } from "./young-collector";

/** The steps of a client that comes back, in their order. */
type Beginning = "connection" | "handshake" | "operation";

/** Shares the process between a flood of beginnings and everything else that it does. */
export interface Turns {
  /**
   * Runs the task now, or behind those of its kind before it when this turn of the event loop has had its share. Operations go before handshakes: one client
   * after the other gets what it came for. First requests of new connections are beside both, since they may be anybody's. Tasks must not throw.
   */
  take(kind: Beginning, task: () => void): void;
  /** A connection was accepted: more of them may wait for the process. */
  arrived(): void;
  /** Somebody asked for something else. */
  asked(): void;
}

/** Parsing a first request takes a fraction of what the others take. */
const CONNECTIONS_PER_TURN = 2;

/**
 * After a lost network thousands of clients come back in the same second. Taken as they come, they keep everyone else waiting for all of them: a query needs
 * several turns of the event loop. So each turn begins one of them: a handshake, or the checks of one operation, some tenths of a millisecond, most of which run
 * behind the task itself, and reads the first requests of two connections. And in between the event loop rests, as far as its `Pace` finds time for it.
 */
export function createTurns({
  young = createYoungCollector(),
  pace = createPace(),
}: { young?: YoungCollector; pace?: Pace } = {}): Turns {
  const waiting = { connection: createQueue(), handshake: createQueue(), operation: createQueue() };
  let hasBegun = false;
  let isScheduled = false;
  let isFlood = false;

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(run);
  };
  const begin = (task: () => void) => {
    hasBegun = true;
    young.count();
    pace.count();
    task();
  };
  const beginNext = (kind: Beginning): boolean => {
    const task = waiting[kind].shift();
    if (task) begin(task);
    return task !== undefined;
  };
  const beginSome = () => {
    for (let n = 0; n < CONNECTIONS_PER_TURN; n++) beginNext("connection");
    if (!beginNext("operation")) beginNext("handshake");
  };
  const run = () => {
    isScheduled = false;
    hasBegun = false;
    // Who waits for one step needs those behind it as well.
    const left = 3 * waiting.connection.size + 2 * waiting.handshake.size + waiting.operation.size;
    isFlood = left > 0;
    const restMs = isFlood ? pace.restMs(left) : 0;
    if (restMs > 0) {
      isScheduled = true;
      return void setTimeout(goOn, restMs);
    }
    young.collectSome(pace.isAnswering);
    if (!isFlood) return;
    isScheduled = true;
    setImmediate(run);
    beginSome();
  };
  const goOn = () => {
    pace.rested();
    run();
  };
  return {
    take: (kind, task) => {
      if (!isFlood && !hasBegun) {
        schedule();
        return begin(task);
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
