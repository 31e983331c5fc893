import type { Clock } from "./clock";

/** Something that has executions to begin. */
export interface Starter {
  /** Begins one, if there is one to begin now. @returns whether there is another, which waits for another turn */
  startOne(): boolean;
}

/** Who may execute, and when: so many at the same time, and so many in one turn of the event loop. */
export interface ExecutionTurns {
  /** Lets the starter begin what it has: now while there is room, else behind those who wait already. */
  take(starter: Starter): void;
  /** Called for each execution, when it begins. */
  begun(): void;
  /** When it is over. */
  ended(): void;
}

/** Two requests to an owner: the third has to wait for no answer, only for others who need the process. */
const IN_TURN = 100;

/**
 * Thousands of groups may wait for one event. Begun all at once, their executions would all be half done at the same time: everything that belongs to them
 * outlives the collections of young objects, and queries wait for all of them. So those who cannot begin keep nothing but their place in a queue.
 * @param limit executions at the same time
 */
export function createExecutionTurns(clock: Pick<Clock, "soon">, limit: number): ExecutionTurns {
  let waiting: (Starter | undefined)[] = [];
  let next = 0;
  let running = 0;
  let inTurn = 0;
  let isScheduled = false;

  const hasRoom = () => running < limit && inTurn < IN_TURN;
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    clock.soon(run);
  };
  const startSome = () => {
    while (next < waiting.length && hasRoom()) {
      const starter = waiting[next];
      waiting[next++] = undefined;
      if (starter?.startOne()) waiting.push(starter);
    }
    if (next < waiting.length) return;
    waiting = [];
    next = 0;
  };
  const run = () => {
    isScheduled = false;
    inTurn = 0;
    startSome();
  };
  return {
    take: (starter) => {
      waiting.push(starter);
      startSome();
    },
    begun: () => {
      running++;
      inTurn++;
      schedule();
    },
    ended: () => {
      running--;
      if (waiting.length > 0) schedule();
    },
  };
}
