/** What takes its turn: a new socket, or something that is asked over an open one. */
export type TurnKind = "handshake" | "request";

/** Shares the process between a flood of beginnings and everything else that it does. */
export interface Turns {
  /** Runs the task now, or later when many came before it. Tasks must not throw. */
  take(kind: TurnKind, task: () => void): void;
}

/** What the event loop has done since the process began, in milliseconds: `performance.eventLoopUtilization` tells it. */
export interface LoopTimes {
  readonly idle: number;
  readonly active: number;
}

/** So many begin without waiting when nothing else waits. */
const AT_ONCE = 8;
/** Of the first batch of a flood. */
const FIRST_BATCH = 2;
const PAUSE_MS = 1;
/** What beginnings leave over of the loop's time. Below it each pause is followed by fewer of them, above it by more. */
const IDLE_SHARE = 0.2;
const MAX_BATCH = 32;
/** A batch ends here whatever is left of it, in milliseconds; most of what a task causes runs behind the task itself. */
const BATCH_MS = 1;
/** Each such time that the first has waited makes the least batch larger by one: a process that is never idle goes on all the same. */
const PATIENCE_MS = 500;
/** Of each socket there is one handshake, and usually two requests: `connection_init` and `subscribe`. */
const REQUESTS_TO_A_HANDSHAKE = 2;

interface Waiting {
  readonly sinceMs: number;
  readonly run: () => void;
}

/**
 * After a lost network thousands of clients come back in the same second. Taken as they come, they keep everyone else waiting for all of them: a query needs
 * several turns of the event loop. So they are begun in small batches with pauses, and the size of a batch follows from how idle the loop was since the one before:
 * that counts whatever a task causes later (promises, frames, the collector), which no clock around the task sees.
 *
 * Requests over open sockets do not wait behind thousands of handshakes, and cannot keep handshakes waiting either: both kinds advance.
 */
export function createTurns(
  options: {
    readonly now?: () => number;
    readonly loopTimes?: () => LoopTimes;
    readonly later?: (run: () => void, delayMs: number) => void;
  } = {},
): Turns {
  const {
    now = () => performance.now(),
    loopTimes = () => performance.eventLoopUtilization(),
    later = (run, delayMs) => void setTimeout(run, delayMs),
  } = options;
  const queues = { handshake: createQueue(), request: createQueue() };
  let batch = FIRST_BATCH;
  let taken = 0;
  let requestsInRow = 0;
  let before: LoopTimes | undefined;
  let isPausing = false;

  const pause = () => {
    isPausing = true;
    later(tick, PAUSE_MS);
  };
  const takeNext = () => {
    const { handshake, request } = queues;
    const isRequest = request.first !== undefined && (!handshake.first || requestsInRow < REQUESTS_TO_A_HANDSHAKE);
    requestsInRow = isRequest ? requestsInRow + 1 : 0;
    return (isRequest ? request : handshake).shift();
  };
  const fitBatch = (startMs: number) => {
    const times = loopTimes();
    const idle = times.idle - (before?.idle ?? times.idle);
    const active = times.active - (before?.active ?? times.active);
    before = times;
    batch = idle >= IDLE_SHARE * (idle + active) ? Math.min(MAX_BATCH, batch + 1) : Math.max(1, batch - 1);
    const sinceMs = Math.min(queues.handshake.first?.sinceMs ?? startMs, queues.request.first?.sinceMs ?? startMs);
    return Math.max(batch, Math.floor((startMs - sinceMs) / PATIENCE_MS));
  };
  const tick = () => {
    isPausing = false;
    taken = 0;
    if (!queues.handshake.first && !queues.request.first) {
      batch = FIRST_BATCH;
      before = undefined;
      return;
    }
    const startMs = now();
    const size = fitBatch(startMs);
    for (let next = takeNext(); next; next = takeNext()) {
      next.run();
      if (++taken >= size || now() - startMs >= BATCH_MS) break;
    }
    pause();
  };

  return {
    take: (kind, run) => {
      const isFree = !queues.handshake.first && !queues.request.first && taken < AT_ONCE;
      if (!isPausing) pause();
      if (isFree) {
        taken++;
        return run();
      }
      queues[kind].push({ sinceMs: now(), run });
    },
  };
}

/** First in, first out, without moving what waits. */
function createQueue() {
  let items: (Waiting | undefined)[] = [];
  let next = 0;
  return {
    get first(): Waiting | undefined {
      return items[next];
    },
    push: (item: Waiting) => void items.push(item),
    shift: (): Waiting | undefined => {
      const item = items[next];
      if (!item) return undefined;
      // What has run may hold a socket and its request.
      items[next++] = undefined;
      if (next === items.length) {
        items = [];
        next = 0;
      }
      return item;
    },
  };
}
