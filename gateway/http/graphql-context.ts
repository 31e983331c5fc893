import type { UpstreamContext } from "../upstream/upstream-context";

/** The context value of one operation in Apollo Server, and what subgraph calls made for it are given. */
export interface GraphqlContext extends UpstreamContext {
  /** The client asked for the plan, and may see it. */
  readonly showPlan?: "text" | "json" | undefined;
}
