import type { QueryPlan } from "@apollo/query-planner";
import { ClientError } from "../../kit/errors";
import type { ExamineAside } from "../operation/check-document";

/** One operation to plan. Equal requests give equal plans. */
export interface PlanRequest {
  /** The document's text, valid on the API schema. */
  readonly document: string;
  /** Needed when the document holds several operations. */
  readonly operationName?: string | undefined;
  /** The labels of `@override(label:)` that hold; fields of all other labels stay where they were. */
  readonly overrideLabels: readonly string[];
}

/** Splits an operation into fetches. One planner belongs to one supergraph. */
export interface Planner {
  /**
   * `@defer` and subscriptions included.
   * @throws PlanLimitError when the operation has too many ways to be fetched, or planning takes too long
   */
  plan(request: PlanRequest): Promise<QueryPlan>;
  /** Where there is a thread of its own: in the same turns as planning, and within the same time. */
  readonly examine?: ExamineAside;
  /** Lets go of the planner; plans asked for and not given yet are refused. */
  close(): Promise<void>;
}

/** The operation is no error of syntax or type, but planning it would take more than this gateway spends on one operation. */
export class PlanLimitError extends ClientError {
  /** @param limit what there is too much of, in the words of a sentence after the number: "milliseconds of planning" */
  constructor(
    readonly limit: string,
    readonly max: number,
  ) {
    super("OPERATION_LIMIT_EXCEEDED", `The operation exceeds the limit of ${max} ${limit}.`, { limit, max });
  }
}
