import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { ClientError, UNEXPECTED_ERROR_MESSAGE } from "../errors";
import type { Logger } from "../log";
import type { RequestContext } from "../request-context";

const STORE_AWAY_MESSAGE = "This part of the shop cannot reach its data now; try again in a moment.";

/**
 * Turns an error into what may leave the process: client errors as they are, GraphQL's own findings about the document as they are,
 * everything else as one fixed sentence. That else is logged here, once, with its cause.
 */
export function maskError(
  formatted: GraphQLFormattedError,
  error: unknown,
  {
    log,
    requestId,
    isAway,
  }: { log: Logger; isAway?: ((error: unknown) => boolean) | undefined } & Pick<RequestContext, "requestId">,
): GraphQLFormattedError {
  const original = unwrapResolverError(error);
  const place = {
    ...(formatted.path ? { path: formatted.path } : {}),
    ...(formatted.locations ? { locations: formatted.locations } : {}),
  };
  if (original instanceof ClientError) {
    return {
      message: original.message,
      ...place,
      extensions: { ...original.details, code: original.code },
    };
  }
  // An error that graphql-js or Apollo Server made of the document or the request has no foreign error inside.
  const code = formatted.extensions?.["code"];
  if (original instanceof GraphQLError && code !== undefined && code !== "INTERNAL_SERVER_ERROR") {
    return { message: formatted.message, ...place, extensions: { code } };
  }
  if (isAway?.(original)) {
    log.warn({ err: original, path: formatted.path }, "a resolver found its store away");
    return { message: STORE_AWAY_MESSAGE, ...place, extensions: { code: "SERVICE_UNAVAILABLE" } };
  }
  log.error({ err: original, path: formatted.path }, "a resolver failed");
  return { message: UNEXPECTED_ERROR_MESSAGE, ...place, extensions: { code: "INTERNAL_SERVER_ERROR", requestId } };
}
