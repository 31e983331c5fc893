import { GraphQLError } from "graphql";
import type { ErrorCode } from "../../kit/errors";
import { UNEXPECTED_ERROR_MESSAGE } from "../../kit/errors";

/**
 * Codes with which a subgraph speaks about itself or about the gateway's request to it. The client did not write that request, so to
 * the client they are internal errors.
 */
const INTERNAL_CODES: ReadonlySet<string> = new Set<ErrorCode | (string & {})>([
  "INTERNAL_SERVER_ERROR",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "METHOD_NOT_ALLOWED",
  "DOWNSTREAM_SERVICE_ERROR",
]);

/** What else of `extensions` may pass: facts for the client's next step. Everything not named here stays inside. */
const PUBLIC_EXTENSIONS = ["argumentPath", "retryAfterS"] as const;

export interface SubgraphErrors {
  /** Safe for the client. */
  readonly errors: readonly GraphQLError[];
  /** As the subgraph sent them, for the log: those of which the client sees one fixed sentence. */
  readonly internal: readonly unknown[];
}

/** A client error of a subgraph keeps its message, path and code; any other becomes one fixed sentence with the request id. */
export function maskSubgraphErrors(received: readonly unknown[], requestId: string): SubgraphErrors {
  const internal: unknown[] = [];
  const errors = received.map((error) => {
    const { message, path, extensions } = readError(error);
    const code = extensions["code"];
    if (isPublic(message, code)) {
      const shown = PUBLIC_EXTENSIONS.flatMap((name) =>
        Object.hasOwn(extensions, name) ? [[name, extensions[name]] as const] : [],
      );
      return new GraphQLError(message as string, { path, extensions: { ...Object.fromEntries(shown), code } });
    }
    internal.push(error);
    return new GraphQLError(UNEXPECTED_ERROR_MESSAGE, {
      path,
      extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
    });
  });
  return { errors, internal };
}

/** Whether one of the errors is about the subgraph itself, not about what its client asked for. */
export const hasInternalError = (received: readonly unknown[]): boolean =>
  received.some((error) => {
    const { message, extensions } = readError(error);
    return !isPublic(message, extensions["code"]);
  });

const isPublic = (message: string | undefined, code: unknown): boolean =>
  message !== undefined && typeof code === "string" && !INTERNAL_CODES.has(code);

function readError(error: unknown): {
  message: string | undefined;
  path: readonly (string | number)[] | undefined;
  extensions: Readonly<Record<string, unknown>>;
} {
  const { message, path, extensions } = (typeof error === "object" && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const isPath = Array.isArray(path) && path.every((part) => typeof part === "string" || Number.isInteger(part));
  return {
    message: typeof message === "string" ? message : undefined,
    path: isPath ? path : undefined,
    extensions: typeof extensions === "object" && extensions !== null ? (extensions as Record<string, unknown>) : {},
  };
}
