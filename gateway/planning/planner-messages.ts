import type { QueryPlan } from "@apollo/query-planner";
import type { ErrorCode } from "../../kit/errors";
import type { ExamineOptions, SentRefusal } from "../operation/examine-document";
import type { GraphFacts } from "./apollo-planner";
import type { CountedPlanLimits } from "./plan-limits";
import type { PlanRequest } from "./planner";

/** What the thread begins with. */
export interface PlannerThreadData {
  readonly sdl: string;
  readonly limits: CountedPlanLimits;
}

/** The first message of the thread. */
export type LoadedMessage = { readonly facts: GraphFacts } | { readonly unusable: string };

/** A document that is examined as it is on the main thread, where others would have to wait for it. */
export interface ExamineRequest {
  readonly document: string;
  readonly examine: ExamineOptions;
}

export type ThreadRequest = PlanRequest | ExamineRequest;

/** One for each request; there is one at a time, so that neither needs a number. */
export type ThreadAnswer =
  | { readonly plan: QueryPlan }
  | { readonly examined: SentRefusal | undefined }
  | { readonly refusal: { readonly limit: string; readonly max: number } }
  | { readonly clientError: { readonly code: ErrorCode; readonly message: string } }
  | { readonly fault: string };
