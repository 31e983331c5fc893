import type { OperationResult } from "../execution/run-operation";
import type { UpstreamContext } from "../upstream/upstream-context";

/** The context value of one operation in Apollo Server, and what subgraph calls made for it are given. */
export interface GraphqlContext extends UpstreamContext {
  /** The client asked for the plan, and may see it. */
  readonly explain?: boolean;
  /** The operation was run already, and Apollo Server is only asked to answer with what came of it. */
  readonly outcome?: Promise<OperationResult>;
}
