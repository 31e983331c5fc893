import {
  getNullableType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from "graphql";
import { sampleLeaf } from "../test-mode/sample-leaf";

/** Input objects in each other; a type that has to hold itself has no value at all. */
const MAX_DEPTH = 5;

/** A value of the type that readers put their own in place of: one element in each list, of input objects what is required. */
export function exampleValue(type: GraphQLInputType, name: string, depth = 0): unknown {
  const given = getNullableType(type);
  if (isListType(given)) return [exampleValue(given.ofType as GraphQLInputType, name, depth)];
  if (isInputObjectType(given)) return depth < MAX_DEPTH ? exampleObject(given, depth + 1) : {};
  if (isEnumType(given)) return given.getValues()[0]?.name;
  return sampleLeaf(given, { fieldName: name, typeName: "", objectName: "", seed: name, objectSeed: name });
}

function exampleObject(type: GraphQLInputObjectType, depth: number): Readonly<Record<string, unknown>> {
  const fields = Object.values(type.getFields());
  // Of `@oneOf` exactly one is required: https://spec.graphql.org/September2025/#sec-OneOf-Input-Objects
  const shown = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField);
  return Object.fromEntries(shown.map((field) => [field.name, exampleValue(field.type, field.name, depth)]));
}
