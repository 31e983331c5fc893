/** What planning one operation may cost. The first two depend on the operation alone, so the same operation is always refused or never. */
export interface PlanLimits {
  /**
   * Ways in which one selection may be reached through the subgraphs; past it the operation is refused. All selections together have
   * twice as many, and a fiftieth as many for each selection. Most operations need one or two for each selection; a field of an
   * interface, asked for through the interface, needs the product of what its object types have, or where that is too much what each of them has by itself.
   */
  readonly maxPlanPaths: number;
  /** Whole plans compared with each other. Never a refusal: the planner drops the longest ways first and takes the best of the rest. */
  readonly maxEvaluatedPlans: number;
  /** Milliseconds that one operation may keep the planner, for whatever the counts do not see. */
  readonly maxPlanMs: number;
  /** Operations that may wait for the planner; past it the longest of them is refused. */
  readonly maxWaitingPlans: number;
  /** Milliseconds that an operation may wait for the planner; past it, it is refused. */
  readonly maxPlanWaitMs: number;
}

/** The limits that hold within one plan, whoever measures its time. */
export type CountedPlanLimits = Pick<PlanLimits, "maxPlanPaths" | "maxEvaluatedPlans">;

export const DEFAULT_PLAN_LIMITS: PlanLimits = Object.freeze({
  maxPlanPaths: 150,
  maxEvaluatedPlans: 100,
  maxPlanMs: 2_000,
  maxWaitingPlans: 200,
  maxPlanWaitMs: 5_000,
});
