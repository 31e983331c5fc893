import type { ExecutionResult } from "graphql";
import type { AccessControl } from "../access/enforcement/access-control";
import type { AccessRules } from "../access/rules/access-rules";
import type { SupergraphSnapshot } from "../supergraph/supergraph-snapshot";
import type { ExecutionRequest, Executor } from "./executor";

/** One generation, as far as running an operation goes. */
export interface ServedGraph {
  readonly supergraph: SupergraphSnapshot;
  readonly rules: AccessRules;
  readonly executor: Executor;
}

/** The answer, and whether the whole operation was refused, so that the door can choose its status. */
export interface OperationResult extends ExecutionResult {
  readonly refused?: boolean;
}

/**
 * Decides what this caller may run, runs that, and gives the answer the shape of the client's document. Every door runs operations
 * through here, so none can forget the rules.
 *
 * @param request a document that passed `DocumentChecker` for the same graph
 */
export async function runOperation(
  graph: ServedGraph,
  access: AccessControl,
  request: ExecutionRequest,
): Promise<OperationResult> {
  const { document, operationName, variables } = request;
  const decision = access.decide({
    schema: graph.supergraph.apiSchema,
    rules: graph.rules,
    document,
    operationName,
    variables,
    viewer: request.context.viewer,
  });
  switch (decision.kind) {
    case "allowed":
      return graph.executor.execute(request);
    case "refused":
      return { errors: decision.errors, refused: true };
    case "filtered": {
      const result = decision.document
        ? await graph.executor.execute({
            ...request,
            document: decision.document,
            documentKey: `${request.documentKey}/${decision.grants}`,
          })
        : { data: {} };
      return decision.complete(result);
    }
  }
}
