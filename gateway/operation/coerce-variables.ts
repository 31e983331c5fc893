import { getVariableValues, GraphQLError, type GraphQLSchema, type VariableDefinitionNode } from "graphql";

/** Either the values with their defaults, or why they do not fit. */
export type CoercedVariables =
  | { readonly coerced: Readonly<Record<string, unknown>>; readonly errors?: undefined }
  | { readonly coerced?: undefined; readonly errors: readonly GraphQLError[] };

/** A list of a hundred thousand wrong elements would have as many errors. */
const MAX_ERRORS = 5;
/** Each error quotes the whole value, whatever its size: of a large one there is one. */
const LARGE_KEYS = 1_000;
const MAX_MESSAGE_CHARACTERS = 1_000;

/** https://spec.graphql.org/October2021/#CoerceVariableValues() with answers of bounded size. */
export function coerceVariableValues(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Readonly<Record<string, unknown>>,
): CoercedVariables {
  const coerce = (maxErrors: number) => getVariableValues(schema, definitions, { ...values }, { maxErrors });
  const first = coerce(1);
  const isQuotable = first.errors !== undefined && countKeys(values, LARGE_KEYS) < LARGE_KEYS;
  const { coerced, errors } = isQuotable ? coerce(MAX_ERRORS) : first;
  return errors ? { errors: errors.map(shortened) } : { coerced };
}

/** What is wrong stands at the end, after the value. */
function shortened(error: GraphQLError): GraphQLError {
  const { message, nodes, extensions, originalError } = error;
  if (message.length <= MAX_MESSAGE_CHARACTERS) return error;
  const half = MAX_MESSAGE_CHARACTERS / 2;
  const text = `${message.slice(0, half)} … ${message.slice(-half)}`;
  return new GraphQLError(text, { nodes, extensions, originalError });
}

/** @returns how many keys and elements there are in all objects and lists, `enough` at most */
function countKeys(value: unknown, enough: number): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  for (const key in value) {
    if (count >= enough) return enough;
    count += 1 + countKeys((value as Readonly<Record<string, unknown>>)[key], enough - count);
  }
  return Math.min(count, enough);
}
