import type { GraphQLFormattedError } from "graphql";

/**
 * Why a call over plain HTTP has no plain answer. https://www.rfc-editor.org/rfc/rfc9457
 * `type` is left at `about:blank`: what kind of problem it is says `code`, which is GraphQL's and the same through every door.
 */
export interface Problem {
  /** Only where a URI is registered for the kind of problem. */
  readonly type?: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  /** GraphQL's errors with their paths, when the operation ran. */
  readonly errors?: readonly GraphQLFormattedError[];
  /** What the operation answered beside the errors; their paths lead into it. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Members of a kind of problem's own: https://www.rfc-editor.org/rfc/rfc9457#section-3.2 */
type ProblemDetails = Readonly<Record<string, unknown>>;

/** Reason phrases of RFC 9110 for the statuses that the partner API gives. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  410: "Gone",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

export const problem = (
  status: number,
  code: string,
  detail: string,
  { details, ...more }: Pick<Problem, "type" | "errors" | "data"> & { readonly details?: ProblemDetails } = {},
): Problem => ({ ...details, status, title: TITLES[status] ?? "Error", detail, code, ...more });

/** The most urgent first: of several errors the one decides that tells most about what to do next, whatever their order. */
const STATUS_BY_CODE: ReadonlyMap<string, number> = new Map([
  ["INTERNAL_SERVER_ERROR", 500],
  // The text is registered; that it cannot be run is not the caller's doing.
  ["GRAPHQL_PARSE_FAILED", 500],
  ["GRAPHQL_VALIDATION_FAILED", 500],
  ["SUBGRAPH_RESPONSE_INVALID", 502],
  ["ENTITY_NOT_FOUND", 502],
  ["SUBGRAPH_UNAVAILABLE", 503],
  ["SERVICE_UNAVAILABLE", 503],
  ["RATE_LIMITED", 429],
  ["UNAUTHENTICATED", 401],
  ["FORBIDDEN", 403],
  ["OPERATION_LIMIT_EXCEEDED", 400],
  ["BAD_REQUEST", 400],
  ["BAD_USER_INPUT", 422],
  ["CONFLICT", 409],
  ["NOT_FOUND", 404],
]);
const RANKS = new Map([...STATUS_BY_CODE.keys()].map((code, rank) => [code, rank]));

/** A code that a service made up is a refusal that it meant for the caller: what is unexpected has INTERNAL_SERVER_ERROR by now. */
const REFUSED = 422;

/** @param errors as the caller may see them, at least one @param data what was answered beside them, if anything */
export function problemOfErrors(
  errors: readonly GraphQLFormattedError[],
  data: Readonly<Record<string, unknown>> | undefined,
): Problem {
  const rank = (error: GraphQLFormattedError) => RANKS.get(codeOf(error)) ?? STATUS_BY_CODE.size;
  const worst = [...errors].sort((a, b) => rank(a) - rank(b))[0];
  if (!worst) throw new Error("there is no error");
  const code = codeOf(worst);
  // Without a path it was not a field that refused: a parameter does not fit its type.
  const status = code === "BAD_USER_INPUT" && !worst.path ? 400 : (STATUS_BY_CODE.get(code) ?? REFUSED);
  return problem(status, code, worst.message, { errors, ...(data ? { data } : {}) });
}

const codeOf = ({ extensions }: GraphQLFormattedError): string => {
  const code = extensions?.["code"];
  return typeof code === "string" ? code : "INTERNAL_SERVER_ERROR";
};
