import {
  getNullableType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  type SelectionSetNode,
} from "graphql";
import { type Fragments, type SelectedField, selectFields } from "../rest/select-fields";

/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface SchemaWriter {
  /** What a caller may send for a variable. */
  input(type: GraphQLInputType): JsonSchema;
  /** What is answered where a field is selected. */
  output(field: SelectedField, fragments: Fragments): JsonSchema;
  /** Enums, scalars and input objects that were met, by their names in the graph. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/** https://spec.graphql.org/October2021/#sec-Scalars.Built-in-Scalars; an ID is always written as a text */
const BUILT_IN: Readonly<Record<string, JsonSchema>> = {
  Int: { type: "integer", format: "int32", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  Float: { type: "number", format: "double" },
  String: { type: "string" },
  Boolean: { type: "boolean" },
  ID: { type: "string" },
};

/** @param place where the components will stand in the document that refers to them */
export function createSchemaWriter(schema: GraphQLSchema, place = "#/components/schemas"): SchemaWriter {
  const components: Record<string, JsonSchema> = {};

  const reference = (type: GraphQLNamedType, describe: () => JsonSchema): JsonSchema => {
    if (!Object.hasOwn(components, type.name)) {
      // There before it is described: an input object may hold itself.
      components[type.name] = {};
      components[type.name] = { ...describedBy(type.description), ...describe() };
    }
    return { $ref: `${place}/${type.name}` };
  };

  const leaf = (type: GraphQLScalarType | GraphQLEnumType): JsonSchema => {
    if (isEnumType(type)) {
      return reference(type, () => ({ type: "string", enum: type.getValues().map(({ name }) => name) }));
    }
    return (
      BUILT_IN[type.name] ??
      // What a scalar of the graph looks like only its services know.
      reference(type, () => ({
        title: type.name,
        ...(type.specifiedByURL ? { externalDocs: { url: type.specifiedByURL } } : {}),
      }))
    );
  };

  const inputObject = (type: GraphQLInputObjectType): JsonSchema =>
    reference(type, () => {
      const fields = Object.values(type.getFields());
      return {
        type: "object",
        properties: Object.fromEntries(
          fields.map((field) => [
            field.name,
            {
              ...described(input(field.type), field.description),
              ...(field.defaultValue === undefined ? {} : { default: field.defaultValue }),
            },
          ]),
        ),
        required: fields
          .filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
          .map(({ name }) => name),
        additionalProperties: false,
        ...(type.isOneOf ? { minProperties: 1, maxProperties: 1 } : {}),
      };
    });

  const input = (type: GraphQLInputType): JsonSchema => {
    const nullable = getNullableType(type);
    const of = isListType(nullable)
      ? { type: "array", items: input(nullable.ofType) }
      : isInputObjectType(nullable)
        ? inputObject(nullable)
        : leaf(nullable);
    return nullable === type ? orNull(of) : of;
  };

  const output = (type: GraphQLOutputType, sets: readonly SelectionSetNode[], fragments: Fragments): JsonSchema => {
    const nullable = getNullableType(type);
    const of = isListType(nullable)
      ? { type: "array", items: output(nullable.ofType, sets, fragments) }
      : isScalarType(nullable) || isEnumType(nullable)
        ? leaf(nullable)
        : composite(nullable, sets, fragments);
    return nullable === type ? orNull(of) : of;
  };

  const composite = (type: GraphQLNamedType, sets: readonly SelectionSetNode[], fragments: Fragments): JsonSchema => {
    if (isObjectType(type)) {
      const fields = [...selectFields(schema, fragments, type, sets)];
      return {
        type: "object",
        properties: Object.fromEntries(
          fields.map(([key, selected]) => [
            key,
            selected.field.name === "__typename" ? { const: type.name } : field(selected, fragments),
          ]),
        ),
        required: fields.filter(([, { isConditional }]) => !isConditional).map(([key]) => key),
        additionalProperties: false,
      };
    }
    if (!isAbstractType(type)) throw new Error(`${type.name} is not answered`);
    const possible = schema.getPossibleTypes(type).map((one) => composite(one, sets, fragments));
    const distinct = [...new Map(possible.map((one) => [JSON.stringify(one), one])).values()];
    return distinct.length === 1 && distinct[0] ? distinct[0] : { anyOf: distinct };
  };

  const field = (selected: SelectedField, fragments: Fragments): JsonSchema => {
    const sets = selected.nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
    return described(output(selected.field.type, sets, fragments), selected.field.description);
  };

  return { input, output: field, components };
}

/** `null` beside the values: by the type where there is one, so that generated code reads well. */
function orNull(schema: JsonSchema): JsonSchema {
  const { type } = schema;
  if (typeof type === "string") return { ...schema, type: [type, "null"] };
  // Without a type everything fits, null included.
  return Object.hasOwn(schema, "$ref") || Object.hasOwn(schema, "anyOf")
    ? { anyOf: [schema, { type: "null" }] }
    : schema;
}

const describedBy = (description: string | null | undefined): JsonSchema => (description ? { description } : {});
const described = (schema: JsonSchema, description: string | null | undefined): JsonSchema => ({
  ...schema,
  ...describedBy(description),
});
