import type { AccessControl } from "../access/enforcement/access-control";
import { setTimeout as pause } from "node:timers/promises";
import { ClientError } from "../../kit/errors";
import type { Authenticator } from "../access/tokens/caller";
import { asResult, runOperation } from "../execution/run-operation";
import type { Generations } from "../generation";
import { type DocumentChecker, isRefused } from "../operation/check-document";
import type { WebSocketDoor } from "../streams/websocket/door";
import { createOperationCheck, shown } from "./check-operation";
import type { Cors } from "./cors";

/** How long a client waits that comes before the keys of tokens do: sent away, it would come back no earlier and cost a connection more. */
const KEYS_MS = 5_000;

/**
 * The checks of the HTTP door for operations that come over a socket: the same parser, limits, rules and executor.
 * @param options.keysMs how long a token may wait for the first keys
 */
export function createSocketDoor(options: {
  generations: Generations;
  authenticator: Authenticator;
  checker: DocumentChecker;
  access: AccessControl;
  cors: Cors;
  keysMs?: number;
}): WebSocketDoor {
  const { generations, authenticator, checker, access, cors, keysMs = KEYS_MS } = options;
  const check = createOperationCheck({ checker, access });

  return {
    authenticate: async (authorization) => {
      try {
        return await authenticator.authenticate(authorization);
      } catch (error) {
        if (!(error instanceof ClientError) || error.code !== "SERVICE_UNAVAILABLE") throw error;
        await inTime(authenticator.ready, keysMs);
        return authenticator.authenticate(authorization);
      }
    },
    isOriginAllowed: cors.isAllowed,
    examine: async ({ query }) => {
      const checked = await checker.checkAside(generations.current().supergraph, query);
      return isRefused(checked) && checked.isTransient ? shown(checked.errors) : undefined;
    },
    check: (input, viewer, generation = generations.current()) => check(generation, input, viewer),
    enter: generations.enter,
    execute: async ({ query, operationName, variables = {} }, context) => {
      const leave = generations.enter();
      try {
        const generation = generations.current();
        const checked = await checker.checkAside(generation.supergraph, query);
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

/** Settles with the promise, or when the time is over. */
async function inTime(promise: Promise<void>, limitMs: number): Promise<void> {
  const over = new AbortController();
  const limit = pause(limitMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([promise, limit]);
  over.abort();
}
