import type { OperationCosts } from "./access/cost/operation-cost";
import type { Executor } from "./execution/executor";
import type { ServedGraph } from "./execution/run-operation";
import type { Served } from "./supergraph/serve-text";

/**
 * Everything that changes together when the supergraph changes. A request takes one generation at its beginning and keeps it to its
 * end, so a reload never shows it two graphs.
 */
export interface Generation extends ServedGraph {
  readonly executor: Executor;
  readonly costs: OperationCosts;
}

/** Where the current generation comes from, and how long the earlier ones live. */
export interface Generations {
  current(): Generation;
  /** Called after the swap, once per reload. @returns stops listening */
  onChange(listener: (next: Generation, previous: Generation) => void): () => void;
  /**
   * Call when a request begins, and what it returns when it has ended: until then no generation that was current in between is
   * retired.
   */
  enter(): () => void;
}

/** @param retire ends a generation that nobody uses any more; the current one is its owner's to end */
export function createGenerations(served: Served<Generation>, retire: (generation: Generation) => void): Generations {
  /** Epochs that are over and may have users, oldest first; the last is the present one. */
  const epochs: { users: number; readonly generation: Generation }[] = [{ users: 0, generation: served.current() }];

  const retireUnused = () => {
    for (let oldest = epochs[0]; oldest && epochs.length > 1 && oldest.users === 0; oldest = epochs[0]) {
      epochs.shift();
      retire(oldest.generation);
    }
  };
  served.onChange((next) => {
    epochs.push({ users: 0, generation: next });
    retireUnused();
  });

  return {
    current: served.current,
    onChange: served.onChange,
    enter: () => {
      const epoch = epochs.at(-1);
      if (!epoch) throw new Error("there is always a present epoch");
      epoch.users++;
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        epoch.users--;
        retireUnused();
      };
    },
  };
}
