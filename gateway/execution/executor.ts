import type { QueryPlan } from "@apollo/query-planner";
import type { DocumentNode, GraphQLError } from "graphql";
import type { Conditions } from "../operation/conditions";
import type { SubgraphReply } from "../upstream/upstreams";
import type { UpstreamContext } from "../upstream/upstream-context";

/** One operation, already validated and limited. */
export interface OperationSource {
  readonly document: DocumentNode;
  /** Needed when the document holds several operations. */
  readonly operationName?: string | undefined;
  /** Identifies the document's text: equal keys mean equal documents. */
  readonly documentKey: string;
  /** The labels of `@override(label:)` that hold: the plan depends on them. */
  readonly overrideLabels: readonly string[];
  /** Of the operation's `@skip`, `@include` and `@defer`: it is prepared anew for each combination. */
  readonly conditions: Conditions;
}

/** What differs from one execution of an operation to the next. */
export interface ExecutionRequest {
  /** As the client gave them; they are coerced before anything is sent. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** They are coerced already, on the operation's own graph: who executes many times coerces once. */
  readonly areCoerced?: boolean;
  readonly context: UpstreamContext;
  /** Adds the query plan to the answer's extensions, with the time and size of each fetch. */
  readonly explain?: boolean;
  /** The client takes an answer in parts. Otherwise deferred fragments are answered with the rest. */
  readonly acceptsParts?: boolean;
  /** Of a subscription: what the field's owner says of the event, in place of the plan's first fetch. */
  readonly event?: SubgraphReply;
}

/** An answer. `data` is JSON text, so that whoever sends it need not write it again. */
export interface Execution {
  /** Undefined: nothing was run, and `errors` says why. */
  readonly data: string | undefined;
  /** True when it is known that `data` is ASCII: its length in bytes is its length then, and nobody has to go through it to know. */
  readonly isAscii?: boolean;
  /** How many objects `data` holds, where whoever wrote it has counted: nobody has to go through it to know. What scalars and introspection hold is not counted. */
  readonly objects?: number | undefined;
  /** True when other requests get this very object, because all calls of subgraphs were shared with them: what is made of it may be, too. */
  readonly isShared?: boolean;
  /** Safe for the client. */
  readonly errors: readonly GraphQLError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** The deferred parts in the order in which they are ready; undefined when nothing is deferred. */
  readonly parts?: AsyncIterable<readonly DeferredAnswer[]>;
}

/** One deferred fragment at one place of the answer. */
export interface DeferredAnswer {
  readonly label: string | undefined;
  readonly path: readonly (string | number)[];
  /** JSON text of an object, or `null`. */
  readonly data: string;
  readonly errors: readonly GraphQLError[];
}

/** An operation ready to run any number of times, at once if need be. */
export interface ExecutableOperation {
  readonly kind: "query" | "mutation" | "subscription";
  /** What it takes in memory, roughly. */
  readonly bytes: number;
  readonly hasDeferred: boolean;
  /** Undefined where the executor keeps its plans to itself. */
  readonly plan: QueryPlan | undefined;
  /** Errors of subgraphs are in the result, masked already; a rejection is a fault of the gateway. */
  execute(request: ExecutionRequest): Promise<Execution>;
}

/** Runs operations on one supergraph. */
export interface Executor {
  /** @throws ClientError OPERATION_LIMIT_EXCEEDED when planning would take too much */
  prepare(source: OperationSource): Promise<ExecutableOperation>;
  /** Lets go of what it holds; operations that run on it end undisturbed. */
  close(): Promise<void>;
}
