import { youngCollection } from "../../../kit/young-collection";

/** Collects what died young, in small doses. */
export interface YoungCollector {
  /** Something was taken on that will stay for long: a connection, an operation. */
  count(): void;
  /**
   * Call it where little is under way. Collects when many were counted in a short time.
   * @param isAnswering somebody would wait for it: then it may be put off
   */
  collectSome(isAnswering: boolean): void;
}

/** What belongs to so many has been copied within a few milliseconds. */
const DOSE = 100;
/** More are not put off. */
const LARGE_DOSE = 300;
/** Fewer in this time are no flood, and left to V8. */
const FLOOD_MS = 2_000;

/**
 * V8 collects the young generation when it is full. What belongs to thousands of new connections is all alive then, and copying it takes tens of milliseconds: as
 * long as several queries. The same copying after every hundred of them takes a few milliseconds each time, and hardly more in all.
 *
 * @param collect a collection of the young generation
 */
export function createYoungCollector(
  collect: () => void = youngCollection(),
  now: () => number = () => performance.now(),
): YoungCollector {
  let counted = 0;
  let sinceMs = 0;

  return {
    count: () => {
      if (counted++ === 0) sinceMs = now();
    },
    collectSome: (isAnswering) => {
      if (counted < (isAnswering ? LARGE_DOSE : DOSE)) return;
      counted = 0;
      if (now() - sinceMs < FLOOD_MS) collect();
    },
  };
}
