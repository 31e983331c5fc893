/** What waits for one subscriber: at most one entry per key, the latest, in the order of arrival of the keys. */
export interface LatestQueue<Value> extends AsyncIterableIterator<Value> {
  push(key: string | number, value: Value): void;
  /** Ends the iteration after what is waiting. */
  end(): void;
  /** Makes the next reading fail, then ends the iteration; what is waiting is dropped. */
  fail(error: Error): void;
}

/**
 * A bounded queue between the feed and one subscriber. Entities are fetched when they are delivered, so of several events of one entity
 * that wait together only the last matters; a reader slower than the changes of many entities loses the oldest ones.
 * @param limit entities that may wait at once
 */
export function createLatestQueue<Value>(limit: number, onDrop: () => void): LatestQueue<Value> {
  const waiting = new Map<string | number, Value>();
  let reader: { resolve: (result: IteratorResult<Value>) => void; reject: (error: Error) => void } | undefined;
  let ended = false;
  let failure: Error | undefined;

  const settle = () => {
    if (!reader) return;
    const { resolve, reject } = reader;
    const [first] = waiting;
    if (failure) {
      reader = undefined;
      const reason = failure;
      failure = undefined;
      reject(reason);
    } else if (first) {
      reader = undefined;
      waiting.delete(first[0]);
      resolve({ value: first[1], done: false });
    } else if (ended) {
      reader = undefined;
      resolve({ value: undefined, done: true });
    }
  };

  return {
    push: (key, value) => {
      if (ended) return;
      if (!waiting.has(key) && waiting.size >= limit) {
        const [oldest] = waiting.keys();
        if (oldest !== undefined) waiting.delete(oldest);
        onDrop();
      }
      waiting.set(key, value);
      settle();
    },
    end: () => {
      ended = true;
      settle();
    },
    fail: (error) => {
      ended = true;
      failure = error;
      waiting.clear();
      settle();
    },
    next: () =>
      new Promise((resolve, reject) => {
        reader = { resolve, reject };
        settle();
      }),
    return: () => {
      ended = true;
      waiting.clear();
      settle();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
