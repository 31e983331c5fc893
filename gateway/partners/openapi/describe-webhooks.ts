import type { JsonSchema } from "./json-schema";

type Problems = (statuses: readonly string[]) => Readonly<Record<string, JsonSchema>>;
type Paths = Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;

const text: JsonSchema = { type: "string" };
const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [schema["type"], "null"] });
const time: JsonSchema = { type: "string", format: "date-time" };
const object = (properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
const listOf = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const json = (schema: JsonSchema): JsonSchema => ({ content: { "application/json": { schema } } });

const VARIABLES: JsonSchema = { type: "object", description: "Of the subscription." };
const SECRET: JsonSchema = {
  type: "string",
  description: "Of v1: signs messages, by Standard Webhooks. Shown this once.",
};
const PUBLIC_KEY: JsonSchema = { type: "string", description: "Of v1a: verifies messages, by Ed25519." };

const ENDPOINT = {
  id: { type: "string", format: "uuid" },
  url: { type: "string", format: "uri" },
  operation: { type: "string", description: "Name of the registered subscription." },
  operationId: text,
  variables: VARIABLES,
  mode: { enum: ["live", "test"] },
  state: {
    enum: ["active", "paused", "disabled"],
    description: "A paused one keeps its events, a disabled one gets none.",
  },
  disabledReason: orNull(text),
  failingSince: orNull(time),
  createdAt: time,
} as const satisfies Record<string, JsonSchema>;

const ENDPOINT_WITH_LOG = object({
  ...ENDPOINT,
  secrets: listOf(object({ expiresAt: orNull(time), publicKey: PUBLIC_KEY }, ["publicKey"])),
  log: listOf(object({ at: time, kind: text, detail: text })),
});

const ATTEMPT = object({
  at: time,
  status: orNull({ type: "integer" }),
  durationMs: { type: "integer" },
  error: orNull(text),
  response: orNull({ type: "string", description: "The beginning of what the endpoint answered." }),
});

const STATE = { enum: ["queued", "waiting", "delivered", "parked", "dropped"] };
const MESSAGE = object({
  id: { type: "string", description: "The webhook-id: the same with every attempt and replay." },
  type: text,
  eventId: text,
  state: {
    ...STATE,
    description:
      "queued: behind an older message of its entity; waiting: the next of its entity; parked: given up after the last attempt; dropped: not to be seen by the partner, never sent.",
  },
  nextAttemptAt: orNull(time),
  lastError: orNull(text),
  createdAt: time,
  settledAt: orNull(time),
  attempts: listOf(ATTEMPT),
});

const inPath = (name: string): JsonSchema => ({ name, in: "path", required: true, schema: text });
const inQuery = (name: string, schema: JsonSchema): JsonSchema => ({ name, in: "query", required: false, schema });
const ID = inPath("id");

/** `/webhooks…`: where the platform sends what happens. No operation has such an id: names of GraphQL have no dash. @param problems answers that refuse, by status */
export function describeWebhooks(problems: Problems): Paths {
  const refused = (...statuses: readonly string[]) => problems(["401", "403", "503", ...statuses]);
  const answers = (status: string, description: string, schema: JsonSchema, ...refusals: readonly string[]) => ({
    [status]: { description, ...json(schema) },
    ...refused(...refusals),
  });
  const one = (operationId: string, rest: JsonSchema): JsonSchema => ({ operationId, parameters: [ID], ...rest });
  const body = (schema: JsonSchema, required = true): JsonSchema => ({ required, ...json(schema) });
  const replayed = answers(
    "202",
    "So many messages are sent again.",
    object({ replayed: { type: "integer" } }),
    "400",
    "404",
  );
  return {
    "/webhooks": {
      get: {
        operationId: "webhook-list",
        parameters: [],
        responses: answers("200", "The partner's webhooks.", object({ items: listOf(object(ENDPOINT)) })),
      },
      post: {
        operationId: "webhook-create",
        parameters: [],
        requestBody: body(
          object(
            {
              url: ENDPOINT.url,
              operation: { type: "string", description: "Name or id of a registered subscription." },
              variables: VARIABLES,
              signature: {
                enum: ["v1", "v1a"],
                default: "v1",
                description: "v1: HMAC with a secret that you are given; v1a: Ed25519, whose public key you are given.",
              },
            },
            ["variables", "signature"],
          ),
        ),
        responses: answers(
          "201",
          "The webhook and its secret.",
          object({ ...ENDPOINT, secret: SECRET, publicKey: PUBLIC_KEY }, ["secret", "publicKey"]),
          "400",
          "409",
          "422",
        ),
      },
    },
    "/webhooks/{id}": {
      get: one("webhook-read", { responses: answers("200", "The webhook with its log.", ENDPOINT_WITH_LOG, "404") }),
      patch: one("webhook-change", {
        requestBody: body(
          object({ url: ENDPOINT.url, variables: VARIABLES, state: { enum: ["active", "paused"] } }, [
            "url",
            "variables",
            "state",
          ]),
        ),
        responses: answers("200", "The webhook as it is now.", ENDPOINT_WITH_LOG, "400", "404", "422"),
      }),
      delete: one("webhook-delete", { responses: { "204": { description: "It is gone." }, ...refused("404") } }),
    },
    "/webhooks/{id}/test": {
      post: one("webhook-test", {
        description: "Sends a message of the type tributary.webhook.test at once, and never again.",
        responses: answers(
          "200",
          "What came of it.",
          object({ id: text, delivered: { type: "boolean" }, attempt: ATTEMPT }),
          "404",
          "409",
        ),
      }),
    },
    "/webhooks/{id}/rotate-secret": {
      post: one("webhook-rotate-secret", {
        requestBody: body(
          object({ overlapHours: { type: "number", minimum: 0, maximum: 168, default: 24 } }, ["overlapHours"]),
          false,
        ),
        responses: answers(
          "200",
          "The new secret.",
          object({ secret: SECRET, publicKey: PUBLIC_KEY, previousExpiresAt: time }, ["secret", "publicKey"]),
          "400",
          "404",
        ),
      }),
    },
    "/webhooks/{id}/deliveries": {
      get: {
        operationId: "webhook-deliveries",
        parameters: [
          ID,
          inQuery("state", STATE),
          inQuery("after", { type: "string", description: "next of the page before." }),
          inQuery("first", { type: "integer", minimum: 1, maximum: 200, default: 50 }),
        ],
        responses: answers(
          "200",
          "Messages, the newest first.",
          object({ items: listOf(MESSAGE), next: orNull(text) }),
          "400",
          "404",
        ),
      },
    },
    "/webhooks/{id}/deliveries/{messageId}/replay": {
      post: { operationId: "webhook-replay-delivery", parameters: [ID, inPath("messageId")], responses: replayed },
    },
    "/webhooks/{id}/replay": {
      post: one("webhook-replay", {
        description: "Sends what was parked since then again, the oldest first, 1000 messages at most.",
        requestBody: body(object({ since: time })),
        responses: replayed,
      }),
    },
  };
}

/** What endpoints are sent. https://spec.openapis.org/oas/v3.1.1#oas-webhooks */
export const describeWebhookMessage = (): JsonSchema => ({
  message: {
    post: {
      operationId: "webhook-message",
      description: "Signed by Standard Webhooks; any status from 200 to 299 takes it.",
      security: [],
      parameters: ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => ({
        name,
        in: "header",
        required: true,
        schema: text,
      })),
      requestBody: {
        required: true,
        ...json(
          object(
            {
              type: { type: "string", description: "Of the event." },
              timestamp: time,
              data: { type: "object", description: "What the subscription selects." },
              errors: listOf({ type: "object" }),
            },
            ["errors"],
          ),
        ),
      },
      responses: { "204": { description: "Taken." }, "410": { description: "The endpoint is gone: it is disabled." } },
    },
  },
});
