import type { QueryPlan } from "@apollo/query-planner";
import type { ErrorCode } from "../../kit/errors";
import type { GraphFacts } from "./apollo-planner";
import type { CountedPlanLimits } from "./plan-limits";

/** What the thread begins with. */
export interface PlannerThreadData {
  readonly sdl: string;
  readonly limits: CountedPlanLimits;
}

/** The first message of the thread. */
export type LoadedMessage = { readonly facts: GraphFacts } | { readonly unusable: string };

/** One for each `PlanRequest`; there is one request at a time, so that neither needs a number. */
export type PlanAnswer =
  | { readonly plan: QueryPlan }
  | { readonly refusal: { readonly limit: string; readonly max: number } }
  | { readonly clientError: { readonly code: ErrorCode; readonly message: string } }
  | { readonly fault: string };
