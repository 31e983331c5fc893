import { type ErrorCode, UNEXPECTED_ERROR_MESSAGE } from "../../../kit/errors";
import { CallRefused } from "../calls/call-refused";

/** The header of a request by which a test key asks for something other than success. */
export const SCENARIO_HEADER = "tributary-test-scenario";
/** On every answer to a test key. */
export const TEST_MODE_HEADER = "tributary-test-mode";

/** A field's own failure, as a service or the gateway gives it while the operation runs. */
interface FieldFailure {
  readonly kind: "field-error";
  readonly code: ErrorCode;
  readonly message: string;
}
/** The gateway refuses the call and runs nothing. */
interface Refusal {
  readonly kind: "refused";
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Scenario =
  | FieldFailure
  | Refusal
  | { readonly kind: "slow"; readonly waitMs: number }
  | { readonly kind: "partial" | "null" | "sparse" | "empty" };

const FIELD_ERRORS = {
  UNAUTHENTICATED: "Sign in to do this.",
  FORBIDDEN: "You are not allowed to do this.",
  BAD_USER_INPUT: "A value breaks a rule of the field.",
  NOT_FOUND: "There is no such thing.",
  CONFLICT: "It was changed by someone else.",
  RATE_LIMITED: "Too many requests; try again later.",
  SUBGRAPH_UNAVAILABLE: "A service behind the gateway did not answer.",
  SUBGRAPH_RESPONSE_INVALID: "A service behind the gateway gave a value that does not fit the schema.",
  ENTITY_NOT_FOUND: "The service that should know the entity does not.",
  INTERNAL_SERVER_ERROR: UNEXPECTED_ERROR_MESSAGE,
} as const satisfies Partial<Record<ErrorCode, string>>;

const SOON = { "retry-after": "1" };
const REFUSALS: readonly Omit<Refusal, "kind">[] = [
  { status: 404, code: "PERSISTED_QUERY_NOT_IN_LIST", message: "No operation with this id is registered." },
  { status: 410, code: "OPERATION_RETIRED", message: "The operation can no longer be called." },
  { status: 400, code: "OPERATION_LIMIT_EXCEEDED", message: "The operation costs more than the gateway runs." },
  { status: 429, code: "QUOTA_EXCEEDED", message: "The quota is used up.", headers: { "retry-after": "30" } },
  { status: 400, code: "IDEMPOTENCY_KEY_REQUIRED", message: "A mutation needs an Idempotency-Key header." },
  { status: 422, code: "IDEMPOTENCY_KEY_REUSED", message: "The idempotency key was sent with another call before." },
  {
    status: 409,
    code: "IDEMPOTENCY_KEY_IN_USE",
    message: "The first call with this key is still running.",
    headers: SOON,
  },
  {
    status: 409,
    code: "IDEMPOTENCY_OUTCOME_UNKNOWN",
    message: "Whether the first call with this key took effect is not known.",
  },
  {
    status: 409,
    code: "IDEMPOTENCY_ANSWER_NOT_KEPT",
    message: "The call has run, and its answer was too large to be kept.",
  },
  {
    status: 503,
    code: "SERVICE_UNAVAILABLE",
    message: "Something that is needed is away; try again later.",
    headers: SOON,
  },
];

const SCENARIOS: ReadonlyMap<string, Scenario> = new Map<string, Scenario>([
  ...Object.entries(FIELD_ERRORS).map(
    ([code, message]) => [code, { kind: "field-error", code: code as ErrorCode, message }] as const,
  ),
  ...REFUSALS.map((refusal) => [refusal.code, { kind: "refused", ...refusal }] as const),
  ...(["partial", "null", "sparse", "empty"] as const).map((kind) => [kind, { kind }] as const),
]);

/** Everything that can be asked for; docs/guides/partners-test-mode.md is kept equal by a test. */
export const SCENARIO_NAMES: readonly string[] = [...SCENARIOS.keys(), "slow-<ms>"];

const SLOW = /^slow-(\d{1,5})$/;
const MAX_SLOW_MS = 30_000;

/**
 * What a call asks for by header.
 * @param header as it was sent @returns undefined for success @throws CallRefused 400 for a name that is none, and for a key that is not for tests
 */
export function readScenario(mode: "live" | "test", header: string | undefined): Scenario | undefined {
  if (header === undefined) return undefined;
  if (mode !== "test") {
    // Whoever sends it means a test, and is about to change real data.
    throw new CallRefused(
      400,
      "BAD_REQUEST",
      "The header Tributary-Test-Scenario is for test keys, and this is a live one.",
    );
  }
  const waitMs = Number(SLOW.exec(header)?.[1] ?? Number.NaN);
  if (waitMs <= MAX_SLOW_MS) return { kind: "slow", waitMs };
  const scenario = SCENARIOS.get(header);
  if (scenario) return scenario;
  throw new CallRefused(
    400,
    "BAD_REQUEST",
    `There is no such test scenario: Tributary-Test-Scenario is one of ${SCENARIO_NAMES.join(", ")}, with ${MAX_SLOW_MS} ms at most.`,
  );
}
