import { GraphQLError } from "graphql";
import type { Viewer } from "../../kit/viewer";
import type { AccessControl } from "../access/enforcement/access-control";
import { findExceededVariableLimit } from "../access/limits/variable-limits";
import type { Generation } from "../generation";
import { chooseOperation, type DocumentChecker, isRefused } from "../operation/check-document";
import { coerceVariableValues } from "../operation/coerce-variables";
import { placedError } from "../operation/placed-error";
import type { CheckedOperation } from "../streams/stream";
import { publicErrors } from "./public-error";

/** An operation with its text, as a client sent it. */
export interface OperationText {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** @returns the operation, ready to be run on that generation, or why not: errors as the client may see them, each with a code */
export type OperationCheck = (
  generation: Generation,
  sent: OperationText,
  viewer: Viewer,
) => CheckedOperation | readonly GraphQLError[];

/** The checks of the HTTP door (parser, limits, validation, variables, access rules), for operations that Apollo Server does not run. */
export function createOperationCheck(options: { checker: DocumentChecker; access: AccessControl }): OperationCheck {
  const { checker, access } = options;
  return (generation, { query, operationName, variables = {} }, viewer) => {
    const { apiSchema } = generation.supergraph;
    const checked = checker.check(generation.supergraph, query);
    if (isRefused(checked)) return shown(checked.errors);
    const { document } = checked;
    const operation = chooseOperation(document, operationName);
    if (operation instanceof GraphQLError) return shown([operation]);
    const exceeded = findExceededVariableLimit(variables);
    if (exceeded) return shown([exceeded]);
    const { coerced, errors } = coerceVariableValues(apiSchema, operation.variableDefinitions ?? [], variables);
    if (errors) return shown(errors.map(asBadInput));
    if (operation.operation === "subscription") {
      const request = { schema: apiSchema, rules: generation.rules, document, operationName, variables, viewer };
      const decision = access.decide(request);
      if (decision.kind === "refused") return shown(decision.errors);
      // Filtering would change what the client asked for with every event; `decide` refuses such a subscription.
      if (decision.kind === "filtered") throw new Error("a subscription was filtered instead of refused");
    }
    return { generation, document, operation, variables: coerced };
  };
}

const asBadInput = (error: GraphQLError) =>
  new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: "BAD_USER_INPUT" } });

/** As GraphQL errors, which deliveries take; each where it was. */
export const shown = (errors: readonly GraphQLError[]): GraphQLError[] => publicErrors(errors).map(placedError);
