import { giveTurn } from "./give-turns";

export class BudgetSpentError extends Error {
  override readonly name = "BudgetSpentError";
}

export interface PathBudget {
  /** Begins the next operation, which has this many steps. */
  begin(steps: number): void;
  /** For the planner's `debug.pathsLimit`. */
  readonly pathsLimit: number;
}

/**
 * Bounds the steps of a whole plan. The planner knows a limit for the ways to one selection only, and thousands of selections with
 * almost as many ways each take seconds. But it compares with that limit once for each way that it follows a step further, and a
 * comparison asks an object for its value: so the limit itself can count.
 */
export function createPathBudget(maxPathsPerSelection: number): PathBudget {
  let left = 0;
  const counting = {
    valueOf: () => {
      giveTurn();
      if (--left < 0) throw new BudgetSpentError("The steps of this plan are spent.");
      return maxPathsPerSelection;
    },
    /** For the planner's own message. */
    toString: () => String(maxPathsPerSelection),
  };
  return { begin: (steps) => (left = steps), pathsLimit: counting as unknown as number };
}
