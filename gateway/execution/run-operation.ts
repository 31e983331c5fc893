import { type DocumentNode, type ExecutionResult, getOperationAST } from "graphql";
import { ClientError, type ErrorCode } from "../../kit/errors";
import { endWith } from "../../kit/tracing/in-span";
import { type Span, tracer } from "../../kit/tracing/tracer";
import type { CostLimit } from "../access/cost/cost-limit";
import type { AccessControl } from "../access/enforcement/access-control";
import type { AccessRules } from "../access/rules/access-rules";
import { findExceededVariableLimit } from "../access/limits/variable-limits";
import type { OperationStore } from "./operation-store";
import { conditionsOf } from "../operation/conditions";
import type { OverrideLabels } from "../operation/override-labels";
import { refusalError } from "../operation/refusal-error";
import type { LoadedSupergraph } from "../supergraph/load-supergraph";
import type { UpstreamContext } from "../upstream/upstream-context";
import type { ExecutableOperation, Execution, OperationSource } from "./executor";

/** One generation, as far as running an operation goes. */
export interface ServedGraph {
  readonly supergraph: LoadedSupergraph;
  readonly rules: AccessRules;
  readonly operations: OperationStore;
  readonly overrideLabels: OverrideLabels;
  /** Undefined: whatever it costs. */
  readonly costLimit?: CostLimit | undefined;
}

/** An operation as a client sends it, with a document that passed `DocumentChecker` for the same graph. */
export interface OperationRequest {
  readonly document: DocumentNode;
  readonly documentKey: string;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: UpstreamContext;
  readonly explain?: boolean;
  readonly acceptsParts?: boolean;
}

/** The answer, and whether the whole operation was refused, so that the door can choose its status. */
export interface OperationResult extends Execution {
  readonly refused?: boolean;
}

/**
 * Decides what this caller may run, runs that, and gives the answer the shape of the client's document. Every door runs operations
 * through here, so none can forget the rules.
 */
export async function runOperation(
  graph: ServedGraph,
  access: AccessControl,
  request: OperationRequest,
): Promise<OperationResult> {
  const { span } = request.context;
  if (span) tellOperation(span, request);
  const exceeded = findExceededVariableLimit(request.variables);
  if (exceeded) return { data: undefined, errors: [exceeded], refused: true };
  const decision = access.decide({
    schema: graph.supergraph.apiSchema,
    rules: graph.rules,
    document: request.document,
    operationName: request.operationName,
    variables: request.variables,
    viewer: request.context.viewer,
  });
  switch (decision.kind) {
    case "allowed": {
      const { document, documentKey } = request;
      const operation = await prepare(graph, request, { document, documentKey });
      if (operation instanceof ClientError) return refused(operation);
      return operation.execute(request);
    }
    case "refused":
      return { data: undefined, errors: decision.errors, refused: true };
    case "filtered": {
      const { document } = decision;
      if (!document) return asExecution(decision.complete({ data: {} }));
      const documentKey = `${request.documentKey}/${decision.grants}`;
      const operation = await prepare(graph, request, { document, documentKey });
      if (operation instanceof ClientError) return refused(operation);
      // What is answered in parts cannot be completed as a whole.
      const answer = await operation.execute({ ...request, acceptsParts: false });
      return { ...answer, objects: undefined, ...asExecution(decision.complete(asResult(answer))) };
    }
  }
}

const refused = (error: ClientError): OperationResult => ({
  data: undefined,
  errors: [refusalError(error)],
  refused: true,
});

/** @returns the operation, or why it costs too much to be planned or run */
const prepare = (
  graph: ServedGraph,
  { operationName, context, variables }: OperationRequest,
  { document, documentKey }: { readonly document: DocumentNode; readonly documentKey: string },
): ExecutableOperation | ClientError | Promise<ExecutableOperation | ClientError> => {
  const conditions = conditionsOf(document, operationName, variables);
  const refusal = graph.costLimit?.refuse({ document, operationName, conditions, variables });
  if (refusal) return refusal;
  const source: OperationSource = {
    document,
    documentKey,
    operationName,
    conditions,
    overrideLabels: graph.overrideLabels.chosenFor(context.requestId),
  };
  return graph.operations.find(source) ?? planned(graph.operations.prepare(source), context).catch(asRefusal);
};

const planned = (operation: Promise<ExecutableOperation>, { traceparent }: UpstreamContext) => {
  const span = tracer()?.start("internal", "plan", traceparent);
  return span ? endWith(span, operation) : operation;
};

/** Its name and kind; neither text nor values, which may hold what is nobody's business. */
function tellOperation(span: Span, { document, operationName }: OperationRequest): void {
  const operation = getOperationAST(document, operationName);
  span.set({ "graphql.operation.type": operation?.operation, "graphql.operation.name": operation?.name?.value });
}

/** What the planner finds wrong with an operation is the client's to know, and that it has no time for it. */
function asRefusal(error: unknown): ClientError {
  if (error instanceof ClientError && REFUSALS.has(error.code)) return error;
  throw error;
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "OPERATION_LIMIT_EXCEEDED",
  "GRAPHQL_VALIDATION_FAILED",
  "SERVICE_UNAVAILABLE",
]);

/** An answer as graphql-js would give it. */
export function asResult({ data, errors, extensions }: Execution): ExecutionResult {
  return {
    ...(data === undefined ? {} : { data: JSON.parse(data) as ExecutionResult["data"] & object }),
    ...(errors.length > 0 ? { errors } : {}),
    ...(extensions ? { extensions } : {}),
  };
}

function asExecution({ data, errors }: ExecutionResult): Execution {
  return { data: data === undefined ? undefined : JSON.stringify(data), errors: errors ?? [] };
}
