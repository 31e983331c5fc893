import type { ErrorCode } from "../../kit/errors";
import type { OperationRegistry, RegisteredOperation } from "./registry/operation-registry";
import { canonicalId, idOf } from "./operation-id";
import { operationRetired } from "./registry/retired-operation";

/** What a partner's request asks for, once it is known to be allowed. */
export interface PartnerOperation {
  readonly operation: RegisteredOperation;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * A request that runs nothing. The codes and sentences are those of Apollo Router, because clients answer the word "PersistedQueryNotFound" by
 * sending the whole text, which must never happen here.
 */
export interface PartnerRefusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** More for `extensions`. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Clients that are ahead of the registry must not be stuck with a cached refusal. */
export const REFUSAL_CACHE_CONTROL = "private, no-cache, must-revalidate";

export const isPartnerRefusal = (value: PartnerOperation | PartnerRefusal): value is PartnerRefusal =>
  "status" in value;

/**
 * Finds the registered operation that a request names by id.
 * @param method of the HTTP request: mutations are not sent by GET
 * @param parameters of the body, or of the query string with `variables` and `extensions` parsed
 * @param named by the path of the request
 */
export function choosePartnerOperation(
  registry: OperationRegistry,
  partner: string,
  method: "GET" | "POST",
  parameters: unknown,
  named: { readonly id?: string | undefined; readonly operationName?: string | undefined } = {},
): PartnerOperation | PartnerRefusal {
  if (Array.isArray(parameters)) return badRequest("Send one operation per request; lists are not accepted.");
  if (typeof parameters !== "object" || parameters === null) return badRequest("The body must be a JSON object.");
  const given = parameters as Readonly<Record<string, unknown>>;
  const sent = idOf(given);
  const id = named.id ?? sent;
  const hasText = typeof given["query"] === "string" && given["query"] !== "";
  if (id !== undefined && hasText) {
    return {
      status: 400,
      code: "CANNOT_SEND_PQ_ID_AND_BODY",
      message: "Sending a persisted query ID and a body in the same request is disallowed",
    };
  }
  if (hasText) {
    return {
      status: 403,
      code: "QUERY_NOT_IN_SAFELIST",
      message: "The operation body was not found in the persisted query safelist",
    };
  }
  if (id === undefined) {
    return {
      status: 400,
      code: "PERSISTED_QUERY_ID_REQUIRED",
      message: "This endpoint requires operations to be sent by their persisted query ID",
    };
  }
  const canonical = canonicalId(id);
  if (sent !== undefined && sent !== id && canonicalId(sent) !== canonical) {
    return badRequest("The path names one operation and the parameters another.");
  }
  const operation = canonical === undefined ? undefined : registry.find(partner, canonical);
  if (!operation) {
    const retired = registry.retiredOf(partner).find((one) => one.id === canonical);
    if (retired) return operationRetired(retired);
    const shown = canonical === undefined ? "(not an id)" : id;
    return {
      status: 404,
      code: "PERSISTED_QUERY_NOT_IN_LIST",
      message: `Persisted query '${shown}' not found in the persisted query list`,
    };
  }
  if (operation.type === "mutation" && method === "GET") {
    return {
      status: 405,
      code: "METHOD_NOT_ALLOWED",
      message: "Mutations are sent by POST.",
      headers: { allow: "POST" },
    };
  }
  const { operationName } = given;
  if (
    (operationName ?? operation.name) !== operation.name ||
    (named.operationName ?? operation.name) !== operation.name
  ) {
    return badRequest(`The operation with this id is named ${operation.name}.`);
  }
  const variables = given["variables"] ?? NO_VARIABLES;
  if (typeof variables !== "object" || Array.isArray(variables)) {
    return badRequest("The variables must be a JSON object.");
  }
  return { operation, variables: variables as Readonly<Record<string, unknown>> };
}

const NO_VARIABLES = Object.freeze({});

const badRequest = (message: string): PartnerRefusal => ({ status: 400, code: "BAD_REQUEST", message });
