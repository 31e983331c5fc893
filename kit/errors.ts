/**
 * Errors by audience (docs/adr/0005-errors-by-audience.md).
 *
 * 1. Refusals a client can act on are types of the schema and are returned, not thrown.
 * 2. `ClientError` is safe by construction: its code and sentence may be shown to anyone.
 * 3. Everything else is internal: logged once at the edge, answered as `UNEXPECTED_ERROR_MESSAGE`.
 */

/** Every code a client may meet in `extensions.code`, with what it means; docs/errors.md is kept equal by a test. */
export const ERROR_CODES = {
  UNAUTHENTICATED: "Nobody is signed in, or the token is missing, malformed, expired or forged.",
  FORBIDDEN: "The caller is known but lacks a role, a scope or the ownership that the field or operation requires.",
  BAD_USER_INPUT: "A variable or an argument breaks a rule stated in the schema or in its description.",
  NOT_FOUND: "The thing named does not exist or is not visible to the caller.",
  CONFLICT: "The thing was changed by someone else, or the request contradicts an earlier one.",
  RATE_LIMITED: "Too many requests; try again after the time that the answer names.",
  BAD_REQUEST: "The HTTP request is not a GraphQL request: malformed JSON, a missing query, an unusable header.",
  PAYLOAD_TOO_LARGE: "The body of the request is larger than the gateway accepts.",
  UNSUPPORTED_MEDIA_TYPE: "The content type or its charset is not one that GraphQL over HTTP uses.",
  METHOD_NOT_ALLOWED: "The HTTP method does not fit the operation, such as a mutation sent by GET.",
  GRAPHQL_PARSE_FAILED: "The document is not GraphQL.",
  GRAPHQL_VALIDATION_FAILED: "The document does not fit the schema.",
  OPERATION_RESOLUTION_FAILURE: "The operation to run cannot be told from the document and `operationName`.",
  OPERATION_LIMIT_EXCEEDED:
    "The document is deeper, wider, longer or costlier than the limits of the gateway, or takes too much to plan.",
  SUBSCRIPTION_TRANSPORT_REQUIRED: "A subscription was sent over a transport that carries one answer only.",
  SUBSCRIPTION_NOT_SUPPORTED:
    "The subscription field has no event source in this supergraph, or streams are switched off.",
  SUBSCRIPTION_TOKEN_EXPIRED: "The token that opened the subscription expired.",
  SUBSCRIPTION_GOING_AWAY: "The process that serves the subscription ends; subscribe again, with the last cursor.",
  SUBSCRIPTION_INVALID_CURSOR: "The cursor to resume from is none that this platform made.",
  SUBSCRIPTION_SESSION_REVOKED: "The session that opened the subscription was ended; sign in again.",
  SUBSCRIPTION_SLOW_CONSUMER:
    "Changes came faster than the client read them; subscribe again with the cursor beside the error.",
  SUBSCRIPTION_GRAPH_CHANGED:
    "The graph changed while the subscription ran, and it does not fit the new one; the message says why.",
  SUBSCRIPTION_LIMIT_EXCEEDED:
    "The connection, the client or the gateway has as many operations under way as it may have.",
  PERSISTED_QUERY_NOT_FOUND: "An automatic persisted query that the gateway has not seen: send it once with its text.",
  PERSISTED_QUERY_NOT_SUPPORTED: "Automatic persisted queries are switched off.",
  PERSISTED_QUERY_NOT_IN_LIST: "No operation with this id is registered for the partner.",
  OPERATION_RETIRED:
    "The registered operation was retired; the message names what to call in its place, if there is anything.",
  PERSISTED_QUERY_ID_REQUIRED: "Partners name a registered operation by its id.",
  CANNOT_SEND_PQ_ID_AND_BODY: "Partners send the id of a registered operation, never its text beside it.",
  QUERY_NOT_IN_SAFELIST: "Partners cannot run free text.",
  QUOTA_EXCEEDED:
    "The partner or the key has used what its quota allows; try again after the time that the answer names.",
  IDEMPOTENCY_KEY_REQUIRED: "A partner's mutation has no Idempotency-Key header, or one that cannot be used.",
  IDEMPOTENCY_KEY_REUSED: "The idempotency key was sent before with another operation or other variables.",
  IDEMPOTENCY_KEY_IN_USE: "The first call with this idempotency key is still running; ask again later.",
  IDEMPOTENCY_OUTCOME_UNKNOWN:
    "The gateway was lost while it ran the first call with this idempotency key, and whether that took effect is not known.",
  IDEMPOTENCY_ANSWER_NOT_KEPT:
    "The call with this idempotency key has run, and its answer was too large to be given a second time.",
  SUBGRAPH_UNAVAILABLE: "A service behind the gateway did not answer; trying again later may help.",
  SUBGRAPH_RESPONSE_INVALID: "A service behind the gateway gave a value that does not fit the schema.",
  ENTITY_NOT_FOUND: "The service that should know the entity another one refers to does not.",
  SERVICE_UNAVAILABLE: "Something this request depends on is away; trying again later may help.",
  INTERNAL_SERVER_ERROR: "Unexpected; reported to the operators under the request id.",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one sentence a client sees of an internal error; the request id beside it finds the cause in the logs. */
export const UNEXPECTED_ERROR_MESSAGE = "Unexpected error.";

/** An error whose code and message are meant for the client: never put a row, a secret or a foreign message in it. */
export class ClientError extends Error {
  override readonly name = "ClientError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** More for `extensions`; shown to the client as it is. */
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const unauthenticated = (message = "Sign in to do this.") => new ClientError("UNAUTHENTICATED", message);
export const forbidden = (message = "You are not allowed to do this.") => new ClientError("FORBIDDEN", message);
export const badUserInput = (message: string, path?: readonly string[]) =>
  new ClientError("BAD_USER_INPUT", message, path ? { argumentPath: path } : {});
export const notFound = (message: string) => new ClientError("NOT_FOUND", message);
export const conflict = (message: string) => new ClientError("CONFLICT", message);
export const serviceUnavailable = (message: string, cause?: unknown) =>
  new ClientError("SERVICE_UNAVAILABLE", message, {}, { cause });
