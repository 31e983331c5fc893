import { getVariableValues, GraphQLError } from "graphql";
import type { AccessControl } from "../access/enforcement/access-control";
import type { Authenticator } from "../access/tokens/caller";
import { runOperation } from "../execution/run-operation";
import type { Generations } from "../generation";
import { chooseOperation, type DocumentChecker, isRefused } from "../operation/check-document";
import type { WebSocketDoor } from "../streams/serve-websocket";
import type { Cors } from "./cors";
import { publicErrors } from "./operation-checks";

/** The checks of the HTTP door for operations that come over a socket: the same parser, limits, rules and executor. */
export function createSocketDoor(options: {
  generations: Generations;
  authenticator: Authenticator;
  checker: DocumentChecker;
  access: AccessControl;
  cors: Cors;
}): WebSocketDoor {
  const { generations, authenticator, checker, access, cors } = options;

  const check: WebSocketDoor["check"] = ({ query, operationName, variables = {} }, viewer) => {
    const generation = generations.current();
    const { apiSchema } = generation.supergraph;
    const checked = checker.check(generation.supergraph, query);
    if (isRefused(checked)) return shown(checked.errors);
    const { document } = checked;
    const operation = chooseOperation(document, operationName);
    if (operation instanceof GraphQLError) return shown([operation]);
    const { coerced, errors } = getVariableValues(apiSchema, operation.variableDefinitions ?? [], { ...variables });
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

  return {
    authenticate: (authorization) => authenticator.authenticate(authorization),
    isOriginAllowed: cors.isAllowed,
    check,
    execute: async ({ query, operationName, variables = {} }, viewer, context, signal) => {
      const generation = generations.current();
      const checked = checker.check(generation.supergraph, query);
      if (isRefused(checked)) return { errors: shown(checked.errors) };
      const { refused: _whole, ...result } = await runOperation(generation, access, {
        document: checked.document,
        documentKey: checked.key,
        operationName,
        variables,
        context: { ...context, viewer, signal },
      });
      return result.errors ? { ...result, errors: shown(result.errors) } : result;
    },
  };
}

const asBadInput = (error: GraphQLError) =>
  new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: "BAD_USER_INPUT" } });

const shown = (errors: readonly GraphQLError[]): GraphQLError[] =>
  publicErrors(errors).map(
    ({ message, path, extensions }) => new GraphQLError(message, { path, extensions: extensions ?? {} }),
  );
