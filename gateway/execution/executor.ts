import type { DocumentNode, ExecutionResult } from "graphql";
import type { UpstreamContext } from "../upstream/upstream-context";

/** One operation, already validated, limited and authorised. */
export interface ExecutionRequest {
  readonly document: DocumentNode;
  /** Needed when the document holds several operations. */
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Identifies the document's text, for caches: equal keys mean equal documents. */
  readonly documentKey: string;
  readonly context: UpstreamContext;
  /** Adds the query plan to the answer's extensions, as text or as JSON. */
  readonly showPlan?: "text" | "json" | undefined;
}

/** Runs operations on one supergraph. Errors of subgraphs are in the result, masked already; a rejection is a fault of the gateway. */
export interface Executor {
  execute(request: ExecutionRequest): Promise<ExecutionResult>;
  /** Lets go of what it holds; operations that run on it end undisturbed. */
  close(): Promise<void>;
}
