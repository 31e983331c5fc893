/** Something that must be over by a certain time. */
export interface Timed {
  /** By the clock of `performance.now()`; set by `Deadlines`. */
  dueAtMs: number;
  /** Of `Deadlines`. */
  place: number;
  onDue(): void;
}

/** One timer for any number of calls that all have the same time: whoever begins first is due first. */
export interface Deadlines {
  start(timed: Timed): void;
  /** Call it when it is over; harmless when it already was. */
  stop(timed: Timed): void;
}

const SMALLEST = 64;

/**
 * A ring in which each call has a place of its own, and leaves it empty.
 *
 * Not a set, which makes itself a new table whenever the present one is used up, and whose old table goes on pointing to the new one and to what was
 * running then. Once a table has grown old (after one full collection), young collections take all that for alive, so that every answer which was under
 * way at such a moment is copied, promoted and kept until the next full collection: a third of the processor's time under load.
 */
export function createDeadlines(timeoutMs: number): Deadlines {
  let ring: (Timed | undefined)[] = Array<undefined>(SMALLEST).fill(undefined);
  /** Places are counted on; the ring holds those from `first` up to `end`. */
  let first = 0;
  let end = 0;
  let timer: NodeJS.Timeout | undefined;

  const at = (place: number) => place & (ring.length - 1);
  const skipEmpty = () => {
    while (first < end && ring[at(first)] === undefined) first++;
  };

  /** Calls that take long leave gaps behind them: these are closed, and only when there are few of them the ring grows. */
  const makeRoom = () => {
    const running: Timed[] = [];
    for (let place = first; place < end; place++) {
      const timed = ring[at(place)];
      if (timed) running.push(timed);
    }
    if (running.length * 2 > ring.length) ring = Array<undefined>(ring.length * 2);
    ring.fill(undefined);
    first = 0;
    end = running.length;
    running.forEach((timed, place) => {
      timed.place = place;
      ring[place] = timed;
    });
  };

  const wake = () => {
    timer = undefined;
    const now = performance.now();
    for (skipEmpty(); first < end; skipEmpty()) {
      const timed = ring[at(first)];
      if (!timed) return;
      if (timed.dueAtMs > now) {
        timer = setTimeout(wake, timed.dueAtMs - now).unref();
        return;
      }
      ring[at(first)] = undefined;
      timed.onDue();
    }
  };

  return {
    start: (timed) => {
      if (end - first === ring.length) makeRoom();
      timed.dueAtMs = performance.now() + timeoutMs;
      timed.place = end;
      ring[at(end++)] = timed;
      timer ??= setTimeout(wake, timeoutMs).unref();
    },
    stop: (timed) => {
      if (ring[at(timed.place)] !== timed) return;
      ring[at(timed.place)] = undefined;
      skipEmpty();
    },
  };
}
