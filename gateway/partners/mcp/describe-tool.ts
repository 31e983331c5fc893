import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { type GraphQLSchema, isInputType, isNonNullType, typeFromAST, validate } from "graphql";
import { dataSchema, describeVariables, variableSchema } from "../openapi/describe-partner-api";
import { createSchemaWriter, type JsonSchema } from "../openapi/json-schema";
import type { RegisteredOperation } from "../registry/operation-registry";
import { fragmentsOf, selectFields } from "../rest/select-fields";
import { KEY_ARGUMENT, keyArgumentOf } from "./key-argument";

/** Where the types that a schema refers to stand in it: https://json-schema.org/draft/2020-12/json-schema-core#section-8.2.4 */
const DEFINITIONS = "#/$defs";

/**
 * An operation as a tool of the Model Context Protocol: its variables are the arguments, GraphQL's `data` is the result.
 * https://modelcontextprotocol.io/specification/2025-11-25/server/tools
 *
 * @returns undefined for what is none: a subscription, or an operation that does not fit the schema
 */
export function describeTool(schema: GraphQLSchema, operation: RegisteredOperation): Tool | undefined {
  const { name, type } = operation;
  if (type === "subscription" || validate(schema, operation.document, undefined, { maxErrors: 1 }).length > 0) {
    return undefined;
  }
  const isQuery = type === "query";
  return {
    name,
    description: descriptionOf(schema, operation),
    inputSchema: argumentsOf(schema, operation),
    outputSchema: resultOf(schema, operation),
    annotations: {
      readOnlyHint: isQuery,
      destructiveHint: !isQuery,
      // A mutation by its key, which is one of the arguments.
      idempotentHint: true,
      openWorldHint: false,
    },
  };
}

function argumentsOf(schema: GraphQLSchema, operation: RegisteredOperation): Tool["inputSchema"] {
  const writer = createSchemaWriter(schema, DEFINITIONS);
  const notes = describeVariables(schema, { operation });
  const required: string[] = [];
  const properties: Record<string, object> = {};
  for (const definition of operation.definition.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type as Parameters<typeof typeFromAST>[1]);
    if (!isInputType(type)) throw new Error(`$${name} has a type that is not there`);
    const note = notes.get(name);
    properties[name] = { ...variableSchema(writer, { type, definition }), ...(note ? { description: note } : {}) };
    if (isNonNullType(type) && definition.defaultValue === undefined) required.push(name);
  }
  if (operation.type === "mutation") {
    const name = keyArgumentOf(operation);
    properties[name] = KEY_ARGUMENT;
    required.push(name);
  }
  return { type: "object", properties, required, additionalProperties: false, ...definitionsOf(writer.components) };
}

function resultOf(schema: GraphQLSchema, operation: RegisteredOperation): NonNullable<Tool["outputSchema"]> {
  const writer = createSchemaWriter(schema, DEFINITIONS);
  const result = dataSchema(schema, writer, operation);
  return { ...result, type: "object", ...definitionsOf(writer.components) };
}

const definitionsOf = (components: Readonly<Record<string, JsonSchema>>) =>
  Object.keys(components).length > 0 ? { $defs: components } : {};

/** The operation's own words, otherwise those of the fields that it asks for; and that it goes away, where it does. */
function descriptionOf(schema: GraphQLSchema, operation: RegisteredOperation): string {
  const { name, type, definition, document } = operation;
  const rootType = schema.getRootType(type as Parameters<typeof schema.getRootType>[0]);
  const fields = rootType ? [...selectFields(schema, fragmentsOf(document), rootType, [definition.selectionSet])] : [];
  const ofFields = fields.flatMap(([, { field }]) => (field.description ? [field.description] : []));
  const own = definition.description?.value ?? (ofFields.join(" ") || `Runs the ${type} ${name}.`);
  return [own, ...goingAway(operation)].join("\n\n");
}

function goingAway({ state, sunset, successor }: RegisteredOperation): string[] {
  if (state !== "deprecated") return [];
  const until = sunset ? `, and gone from ${sunset.toISOString().slice(0, 10)} on` : "";
  return [`Deprecated${until}.${successor === undefined ? "" : ` Use ${successor} in its place.`}`];
}
