import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { ClientError, UNEXPECTED_ERROR_MESSAGE } from "../../kit/errors";
import type { Logger } from "../../kit/log";

const INTERNAL = "INTERNAL_SERVER_ERROR";

/** Mistakes of a client that Apollo Server answers without a code of their own. */
const UNCODED: Readonly<Record<string, string>> = {
  "provided sha does not match query": "BAD_REQUEST",
  "Unsupported persisted query version": "BAD_REQUEST",
};

/** Facts about this process and its subgraphs, put into `extensions` by libraries. */
const PRIVATE_EXTENSIONS = new Set(["serviceName", "stacktrace", "exception", "validationErrorCode", "http"]);

/**
 * What a client may see of an error: client errors and what GraphQL finds wrong with a document as they are, anything else as one fixed
 * sentence. Subgraphs' errors come masked already (gateway/upstream).
 */
export function publicError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  // Apollo Server's own unwrapping leaves errors without a path as they are; a ClientError may come from before any field.
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const place = {
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
  };
  if (original instanceof ClientError) {
    return { message: original.message, ...place, extensions: { ...original.details, code: original.code } };
  }
  const found = formatted.extensions?.["code"];
  const code = found === undefined || found === INTERNAL ? (UNCODED[formatted.message] ?? INTERNAL) : found;
  const extensions = Object.fromEntries(
    Object.entries(formatted.extensions ?? {}).filter(([name]) => !PRIVATE_EXTENSIONS.has(name)),
  );
  if (code === INTERNAL || !isGraphql(original)) {
    const requestId = extensions["requestId"];
    return {
      message: UNEXPECTED_ERROR_MESSAGE,
      ...place,
      extensions: { code: INTERNAL, ...(requestId === undefined ? {} : { requestId }) },
    };
  }
  return { message: inOurWords(formatted.message), ...place, extensions: { ...extensions, code } };
}

/** The library's sentence is about a server; readers of an API are told about the API. */
const inOurWords = (message: string) =>
  message.startsWith("GraphQL introspection has been disabled") ? "Introspection is switched off." : message;

/** True for an error that `publicError` hides and nobody has logged yet: subgraphs' errors carry a request id once they are. */
export const isUnreported = (shown: GraphQLFormattedError): boolean =>
  shown.extensions?.["code"] === INTERNAL && shown.extensions["requestId"] === undefined;

/** Also errors of a second copy of graphql-js inside a library. */
const isGraphql = (error: unknown) =>
  error instanceof GraphQLError || (error instanceof Error && error.name === "GraphQLError");

/**
 * Errors as Apollo Server would show them, for answers that come by another way. Those that nobody has logged yet are logged here, and
 * get the request id that finds them.
 */
export function publicErrors(
  errors: readonly GraphQLError[],
  report?: { readonly requestId: string; readonly log: Logger },
): GraphQLFormattedError[] {
  return errors.map((error) => {
    const shown = publicError(error.toJSON(), error);
    return report && isUnreported(shown) ? reportUnexpected(shown, error, report) : shown;
  });
}

/** @returns the error with the request id under which it is logged */
export function reportUnexpected(
  shown: GraphQLFormattedError,
  err: unknown,
  { requestId, log }: { readonly requestId: string; readonly log: Logger },
): GraphQLFormattedError {
  log.error({ err, requestId, path: shown.path }, "an operation failed unexpectedly");
  return { ...shown, extensions: { ...shown.extensions, requestId } };
}
