import { LRUCache } from "lru-cache";
import { createPlaces } from "./places";

/** What an execution gave. */
export interface Outcome<T> {
  readonly value: T;
  /** False: it is the answer of those who wait for it, and of nobody after them. */
  readonly isKept: boolean;
}

/** Runs executions that give the same to everyone who asks, one after the other in each lane. */
export interface ExecutionLanes<T> {
  /**
   * The present state: any execution of the lane that began at `since` or later gives it, and each begins after the one before has ended, so
   * that answers of a lane never go back in time. While one runs, all who ask for something newer wait for the same next one.
   * @param lane what is executed, for whom, and of which entity
   * @param run never rejects
   */
  present(lane: string, since: number, run: () => Promise<Outcome<T>>): Promise<T>;
  /**
   * What one event says: executed once under its name, and after what was asked of the lane before.
   * @param name unlike that of any other event's
   */
  ofEvent(lane: string, name: string, run: () => Promise<Outcome<T>>): Promise<T>;
}

interface Execution<T> {
  readonly since: number;
  readonly value: Promise<T>;
}

interface Waiting<T> {
  /** The last who asked has the newest reason. */
  run: () => Promise<Outcome<T>>;
  readonly value: Promise<T>;
}

interface Lane<T> {
  running: Execution<T> | undefined;
  waiting: Waiting<T> | undefined;
  /** The end of everything that was begun or waits. */
  tail: Promise<unknown>;
  users: number;
}

interface Kept<T> {
  readonly since: number;
  readonly value: T;
}

/**
 * @param options.now grows with every event: see `Moments`
 * @param options.sizeOf in bytes, roughly
 */
export function createExecutionLanes<T>(options: {
  readonly keepMs: number;
  readonly maxKeptBytes: number;
  readonly now: () => number;
  readonly sizeOf: (value: T) => number;
  readonly onShared: () => void;
}): ExecutionLanes<T> {
  const { keepMs, maxKeptBytes, now, sizeOf, onShared } = options;
  const lanes = createPlaces<Lane<T>>();
  const kept = new LRUCache<string, Kept<T>>({
    ttl: keepMs,
    maxSize: maxKeptBytes,
    sizeCalculation: ({ value }, key) => key.length + sizeOf(value),
  });
  const events = createPlaces<Promise<T>>();

  /** Runs when everything before in the lane has ended, at once when there is nothing. */
  const append = (name: string, lane: Lane<T>, run: () => Promise<T>): Promise<T> => {
    const value = lane.users === 0 ? run() : lane.tail.then(run);
    lane.users++;
    lane.tail = value.then(() => {
      if (--lane.users === 0) lanes.delete(name);
    });
    return value;
  };

  const laneOf = (name: string): Lane<T> => {
    const known = lanes.get(name);
    if (known) return known;
    const lane: Lane<T> = { running: undefined, waiting: undefined, tail: Promise.resolve(), users: 0 };
    lanes.set(name, lane);
    return lane;
  };

  return {
    present: (name, since, run) => {
      const known = kept.get(name);
      if (known && known.since >= since) {
        onShared();
        return Promise.resolve(known.value);
      }
      const lane = laneOf(name);
      if (lane.running && lane.running.since >= since) {
        onShared();
        return lane.running.value;
      }
      if (lane.waiting) {
        onShared();
        lane.waiting.run = run;
        return lane.waiting.value;
      }
      const begin = (): Promise<T> => {
        const begunAt = now();
        const newest = lane.waiting?.run ?? run;
        lane.waiting = undefined;
        const value = newest().then((outcome) => {
          lane.running = undefined;
          if (outcome.isKept) kept.set(name, { since: begunAt, value: outcome.value });
          return outcome.value;
        });
        lane.running = { since: begunAt, value };
        return value;
      };
      if (lane.users === 0) return append(name, lane, begin);
      lane.waiting = { run, value: append(name, lane, begin) };
      return lane.waiting.value;
    },
    ofEvent: (name, event, run) => {
      const key = `${name}\n${event}`;
      const known = kept.get(key);
      if (known) {
        onShared();
        return Promise.resolve(known.value);
      }
      const running = events.get(key);
      if (running) {
        onShared();
        return running;
      }
      const value = append(name, laneOf(name), async () => {
        const outcome = await run();
        events.delete(key);
        if (outcome.isKept) kept.set(key, { since: 0, value: outcome.value });
        return outcome.value;
      });
      events.set(key, value);
      return value;
    },
  };
}
