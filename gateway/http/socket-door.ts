import type { AccessControl } from "../access/enforcement/access-control";
import type { Authenticator } from "../access/tokens/caller";
import { asResult, runOperation } from "../execution/run-operation";
import type { Generations } from "../generation";
import { type DocumentChecker, isRefused } from "../operation/check-document";
import type { WebSocketDoor } from "../streams/websocket/door";
import { createOperationCheck, shown } from "./check-operation";
import type { Cors } from "./cors";

/** The checks of the HTTP door for operations that come over a socket: the same parser, limits, rules and executor. */
export function createSocketDoor(options: {
  generations: Generations;
  authenticator: Authenticator;
  checker: DocumentChecker;
  access: AccessControl;
  cors: Cors;
}): WebSocketDoor {
  const { generations, authenticator, checker, access, cors } = options;
  const check = createOperationCheck({ checker, access });

  return {
    authenticate: (authorization) => authenticator.authenticate(authorization),
    isOriginAllowed: cors.isAllowed,
    check: (input, viewer, generation = generations.current()) => check(generation, input, viewer),
    enter: generations.enter,
    execute: async ({ query, operationName, variables = {} }, context) => {
      const leave = generations.enter();
      try {
        const generation = generations.current();
        const checked = checker.check(generation.supergraph, query);
        if (isRefused(checked)) return { errors: shown(checked.errors) };
        const answer = await runOperation(generation, access, {
          document: checked.document,
          documentKey: checked.key,
          operationName,
          variables,
          context,
        });
        const result = asResult(answer);
        return result.errors ? { ...result, errors: shown(result.errors) } : result;
      } finally {
        leave();
      }
    },
  };
}
