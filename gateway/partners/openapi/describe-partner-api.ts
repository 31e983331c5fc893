import {
  getNamedType,
  type GraphQLSchema,
  isInputObjectType,
  TypeInfo,
  valueFromAST,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { RegisteredOperation } from "../registry/operation-registry";
import type { RestEntry } from "../rest/create-rest-catalogue";
import type { RestOperation, RestParameter } from "../rest/rest-operation";
import { fragmentsOf, selectFields } from "../rest/select-fields";
import { describeUsage } from "./describe-usage";
import { describeWebhookMessage, describeWebhooks } from "./describe-webhooks";
import { createSchemaWriter, type JsonSchema, type SchemaWriter } from "./json-schema";

/** No name of GraphQL has a dash: it cannot meet a type of the graph. */
const PROBLEM = "problem-document";
const PROBLEMS: readonly (readonly [status: string, why: string])[] = [
  ["400", "A parameter does not fit."],
  ["401", "There is no API key, or it is not valid."],
  ["403", "The key's scopes do not allow this."],
  ["404", "There is no such thing, or none that you may see."],
  ["409", "It contradicts what is there."],
  ["410", "The operation was retired; what takes its place is named."],
  ["422", "It fits, but a rule forbids it."],
  ["429", "A quota is used up; Retry-After says until when."],
  ["500", "Unexpected; the request id finds the cause."],
  ["503", "Something that is needed is away; try again later."],
];

/**
 * A partner's operations as OpenAPI. Operations that do not fit the schema are left out, as they cannot be called either.
 * https://spec.openapis.org/oas/v3.1.1
 */
export function describePartnerApi(schema: GraphQLSchema, entries: readonly RestEntry[]): JsonSchema {
  const writer = createSchemaWriter(schema);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  const names = new Set<string>();
  for (const { rest, binding, operation } of entries) {
    // Ids of operations are unique; what has another's name by now is for callers who know it already.
    if (!rest || names.has(operation.name)) continue;
    names.add(operation.name);
    const item = (paths[binding.path] ??= {});
    item[binding.method.toLowerCase()] = describeOperation(schema, writer, rest);
  }
  return {
    openapi: "3.1.1",
    jsonSchemaDialect: "https://spec.openapis.org/oas/3.1/dialect/base",
    info: {
      title: "Partner API",
      version: "1",
      description:
        "Registered operations over plain HTTP. An answer is whole or it is a problem document: where a part of it could not be had, the document holds the errors and the rest.",
    },
    servers: [{ url: "/partner/v1" }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: {
      ...paths,
      "/usage": { get: describeUsage(problemResponses(["400", "401", "503"])) },
      ...describeWebhooks(problemResponses),
    },
    webhooks: describeWebhookMessage(),
    components: {
      schemas: { ...writer.components, [PROBLEM]: PROBLEM_SCHEMA },
      responses: {
        [PROBLEM]: {
          description: "Why there is no answer.",
          headers: { "X-Request-Id": { schema: { type: "string" } } },
          content: { "application/problem+json": { schema: { $ref: `#/components/schemas/${PROBLEM}` } } },
        },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The API key as a bearer token." },
        apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
      },
    },
  };
}

function describeOperation(schema: GraphQLSchema, writer: SchemaWriter, rest: RestOperation): JsonSchema {
  const { operation, binding, parameters, root } = rest;
  const notes = describeVariables(schema, rest);
  const described = (parameter: RestParameter) => describeParameter(writer, parameter, notes.get(parameter.name));
  const all = [...parameters.values()];
  const inBody = all.filter(({ place }) => place === "body");
  const description = operation.definition.description?.value ?? root?.field.description ?? undefined;
  return {
    operationId: operation.name,
    ...(description ? { description } : {}),
    ...(operation.state === "deprecated" || root?.field.deprecationReason ? { deprecated: true } : {}),
    parameters: [
      ...all.filter(({ place }) => place !== "body").map(described),
      ...(binding.method === "GET" ? [IF_NONE_MATCH] : []),
      ...(operation.type === "mutation" ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(inBody.length > 0 ? { requestBody: describeBody(writer, inBody, notes) } : {}),
    responses: {
      "200": {
        description: "The answer.",
        headers: {
          ...(binding.method === "GET" ? CACHING : {}),
          ...(binding.method === "GET" && rest.isPaged ? { Link: LINK } : {}),
          ...(operation.type === "mutation" ? REPLAYED : {}),
          ...QUOTAS,
        },
        content: { "application/json": { schema: answerSchema(schema, writer, rest) } },
      },
      ...(binding.method === "GET" ? { "304": { description: "It is what you have already.", headers: CACHING } } : {}),
      ...problemResponses(PROBLEMS.map(([status]) => status)),
    },
  };
}

const problemResponses = (statuses: readonly string[]): Readonly<Record<string, JsonSchema>> => ({
  ...Object.fromEntries(
    PROBLEMS.filter(([status]) => statuses.includes(status)).map(([status, why]) => [
      status,
      { $ref: `#/components/responses/${PROBLEM}`, description: why },
    ]),
  ),
  default: { $ref: `#/components/responses/${PROBLEM}` },
});

function answerSchema(schema: GraphQLSchema, writer: SchemaWriter, rest: RestOperation): JsonSchema {
  if (rest.root) {
    const answer = writer.output(rest.root, fragmentsOf(rest.operation.document));
    return rest.nullIsNotFound ? withoutNull(answer) : answer;
  }
  return dataSchema(schema, writer, rest.operation);
}

/** GraphQL's `data`: an object of the root fields. */
export function dataSchema(
  schema: GraphQLSchema,
  writer: SchemaWriter,
  { document, definition }: Pick<RegisteredOperation, "document" | "definition">,
): JsonSchema {
  const fragments = fragmentsOf(document);
  const rootType = schema.getRootType(definition.operation);
  if (!rootType) throw new Error(`there is no ${definition.operation}`);
  const fields = [...selectFields(schema, fragments, rootType, [definition.selectionSet])];
  return {
    type: "object",
    properties: Object.fromEntries(
      fields.map(([key, field]) => [
        key,
        field.field.name === "__typename" ? { const: rootType.name } : writer.output(field, fragments),
      ]),
    ),
    required: fields.filter(([, { isConditional }]) => !isConditional).map(([key]) => key),
    additionalProperties: false,
  };
}

/** Null is answered as 404. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf, ...others } = schema;
  if (Array.isArray(type)) return { ...schema, type: (type as unknown[]).find((one) => one !== "null") };
  if (!Array.isArray(anyOf)) return schema;
  const [first, ...more] = (anyOf as JsonSchema[]).filter((one) => one["type"] !== "null");
  return more.length === 0 ? { ...first, ...others } : { ...others, anyOf: [first, ...more] };
}

/** What the argument or input field says into which a variable goes first. */
export function describeVariables(
  schema: GraphQLSchema,
  { operation }: { readonly operation: Pick<RegisteredOperation, "document"> },
): ReadonlyMap<string, string> {
  const notes = new Map<string, string>();
  const info = new TypeInfo(schema);
  visit(
    operation.document,
    visitWithTypeInfo(info, {
      VariableDefinition: ({ variable, description }) => {
        if (description) notes.set(variable.name.value, description.value);
        return false;
      },
      // `@include(if:)` says nothing about what the variable means.
      Directive: () => false,
      Argument: ({ value }) => {
        const description = info.getArgument()?.description;
        if (value.kind === "Variable" && description && !notes.has(value.name.value)) {
          notes.set(value.name.value, description);
        }
      },
      ObjectField: ({ name, value }) => {
        const parent = getNamedType(info.getParentInputType());
        const description = isInputObjectType(parent) && parent.getFields()[name.value]?.description;
        if (value.kind === "Variable" && description && !notes.has(value.name.value)) {
          notes.set(value.name.value, description);
        }
      },
    }),
  );
  return notes;
}

function describeParameter(
  writer: SchemaWriter,
  parameter: RestParameter,
  description: string | undefined,
): JsonSchema {
  const { name, place, isRequired, spelling } = parameter;
  const schema = variableSchema(writer, parameter);
  const head = { name, in: place, required: isRequired, ...(description ? { description } : {}) };
  if (spelling === "json") return { ...head, content: { "application/json": { schema } } };
  // A text cannot say null: leaving it out does.
  const plain = withoutNull(schema);
  return { ...head, ...(spelling === "texts" ? { style: "form", explode: true } : {}), schema: plain };
}

function describeBody(
  writer: SchemaWriter,
  inBody: readonly RestParameter[],
  notes: ReadonlyMap<string, string>,
): JsonSchema {
  const required = inBody.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const properties = inBody.map((parameter) => {
    const description = notes.get(parameter.name);
    return [parameter.name, { ...variableSchema(writer, parameter), ...(description ? { description } : {}) }] as const;
  });
  const schema = { type: "object", properties: Object.fromEntries(properties), required, additionalProperties: false };
  return { required: required.length > 0, content: { "application/json": { schema } } };
}

export function variableSchema(
  writer: SchemaWriter,
  { type, definition }: Pick<RestParameter, "type" | "definition">,
): JsonSchema {
  const schema = writer.input(type);
  const value = definition.defaultValue && valueFromAST(definition.defaultValue, type);
  return value === undefined ? schema : { ...schema, default: value };
}

const IF_NONE_MATCH: JsonSchema = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "The ETag of what you have.",
  schema: { type: "string" },
};
/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07 */
const IDEMPOTENCY_KEY: JsonSchema = {
  name: "Idempotency-Key",
  in: "header",
  required: true,
  description:
    "A text of your own for this call, such as a UUID. Sent again with the same key and the same parameters, the call has no second effect and the first answer.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};
const REPLAYED: JsonSchema = {
  "Idempotent-Replayed": { description: "true: the answer is that of an earlier call.", schema: { type: "string" } },
};
const CACHING: JsonSchema = {
  ETag: { description: "Send it as If-None-Match when you ask again.", schema: { type: "string" } },
  "Cache-Control": { schema: { type: "string" } },
};
/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-11.html */
const QUOTAS: JsonSchema = {
  "RateLimit-Policy": {
    description: "The quotas of the partner and of the key: q cost units at once, which come back in w seconds.",
    schema: { type: "string" },
  },
  RateLimit: {
    description: "What is left of them: r cost units, which come back in t seconds.",
    schema: { type: "string" },
  },
};
const LINK: JsonSchema = {
  description: 'The next page, as rel="next"; there is none on the last one.',
  schema: { type: "string" },
};

/** https://www.rfc-editor.org/rfc/rfc9457 */
const PROBLEM_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "One sentence for people." },
    code: { type: "string", description: "Stable, for programs: the same as GraphQL's." },
    requestId: { type: "string" },
    errors: {
      type: "array",
      description: "GraphQL's errors, when the operation ran; their paths lead into data.",
      items: {
        type: "object",
        properties: {
          message: { type: "string" },
          path: { type: "array", items: { type: ["string", "integer"] } },
          extensions: { type: "object" },
        },
        required: ["message"],
      },
    },
    data: { type: "object", description: "What could be had beside the errors, as GraphQL answers it." },
  },
  required: ["type", "title", "status", "detail", "code", "requestId"],
};
