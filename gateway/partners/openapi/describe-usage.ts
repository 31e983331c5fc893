import { MAX_RANGE } from "../usage/read-usage-query";
import type { JsonSchema } from "./json-schema";

const COUNTS: JsonSchema = { type: "object", additionalProperties: { type: "integer" } };
const LATENCY: JsonSchema = { type: ["number", "null"], description: "Milliseconds in the gateway, within 2 %." };

const FIGURES: Readonly<Record<string, JsonSchema>> = {
  calls: { type: "integer", description: "Refused ones included." },
  failedCalls: { type: "integer", description: "Refused, or answered with an error." },
  errors: { ...COUNTS, description: "Calls by the codes of their errors." },
  latencyMs: object({ p50: LATENCY, p95: LATENCY, p99: LATENCY }),
  cost: { type: "number", description: "In the units of the quotas." },
  answerBytes: { type: "number", description: "Of the answers as GraphQL, before compression." },
  deprecatedFields: { ...COUNTS, description: "Calls of operations that use them, by coordinate." },
  doors: { ...COUNTS, description: "Calls by the way they came in: graphql, rest, mcp." },
};
const TEXT: JsonSchema = { type: "string" };
const DAY: JsonSchema = { type: "string", format: "date" };
const CLIENT: JsonSchema = {
  type: "object",
  description: "What the last caller said of itself.",
  properties: { name: TEXT, version: TEXT, userAgent: TEXT },
  additionalProperties: false,
};

/** `GET /usage`, below `/partner/v1`. No operation has such an id: names of GraphQL have no dash. */
export const describeUsage = (problems: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  operationId: "usage-report",
  description: `What your keys were used for, by day (UTC), operation and key, as of about a second ago: ${MAX_RANGE} days at most.`,
  parameters: [
    parameter("from", "The first day; without it thirty days to the last one.", DAY),
    parameter("to", "The last day; without it today.", DAY),
    parameter("operation", "The name of one operation.", TEXT),
    parameter("format", "In place of the Accept header.", { type: "string", enum: ["json", "csv"] }),
  ],
  responses: {
    "200": {
      description: "The figures.",
      content: {
        "application/json": {
          schema: object({
            from: DAY,
            to: DAY,
            total: object(FIGURES),
            usage: {
              type: "array",
              items: object({
                day: DAY,
                operation: TEXT,
                keyId: { type: "string", description: "The public part of the key." },
                ...FIGURES,
                client: CLIENT,
                lastCallAt: { type: "string", format: "date-time" },
              }),
            },
          }),
        },
        "text/csv": { schema: { type: "string", description: "One line for each element of usage, names first." } },
      },
    },
    ...problems,
  },
});

const parameter = (name: string, description: string, schema: JsonSchema): JsonSchema => ({
  name,
  in: "query",
  required: false,
  description,
  schema,
});

function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
