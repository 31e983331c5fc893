import type { DocumentNode, ExecutionResult } from "graphql";
import type { UpstreamContext } from "../upstream/upstream-context";

/** One operation, already validated, limited and authorised. */
export interface ExecutionRequest {
  readonly document: DocumentNode;
  /** Needed when the document holds several operations. */
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Identifies the document's text, for caches: equal keys mean equal documents. */
  readonly documentKey: string;
  readonly context: UpstreamContext;
}

/** Runs operations on one supergraph. Errors of subgraphs are in the result, masked already; a rejection is a fault of the gateway. */
export interface Executor {
  execute(request: ExecutionRequest): Promise<ExecutionResult>;
  /** Ends when nothing runs on it any more. */
  close(): Promise<void>;
}
