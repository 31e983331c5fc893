import {
  coerceInputValue,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  typeFromAST,
  type VariableDefinitionNode,
} from "graphql";

/** Either the values with their defaults, or why they do not fit. */
export type CoercedVariables =
  | { readonly coerced: Readonly<Record<string, unknown>>; readonly errors?: undefined }
  | { readonly coerced?: undefined; readonly errors: readonly GraphQLError[] };

/** A list of a hundred thousand wrong elements would have as many errors. */
const MAX_ERRORS = 5;
/** graphql-js quotes the whole value in each error, which takes longer than looking at it: of a large one it quotes none. */
const LARGE_KEYS = 1_000;
const MAX_MESSAGE_CHARACTERS = 1_000;

/** https://spec.graphql.org/October2021/#CoerceVariableValues() with answers of bounded size. */
export function coerceVariableValues(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Readonly<Record<string, unknown>>,
): CoercedVariables {
  if (countKeys(values, LARGE_KEYS) >= LARGE_KEYS) {
    const error = findError(schema, definitions, values);
    if (error) return { errors: [shortened(error)] };
  }
  const { coerced, errors } = getVariableValues(schema, definitions, { ...values }, { maxErrors: MAX_ERRORS });
  return errors ? { errors: errors.map(shortened) } : { coerced };
}

/** The first value that does not fit its variable, with the place in it and without the value. */
function findError(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  values: Readonly<Record<string, unknown>>,
): GraphQLError | undefined {
  for (const definition of definitions) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    // Whether it may be missing or null, graphql-js says at once.
    if (value === undefined || value === null || !isInputType(type)) continue;
    try {
      coerceInputValue(value, type, (path, _value, { message, originalError }) => {
        const place = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
        // Apollo Server knows by its beginning whose fault it is.
        throw new GraphQLError(`Variable "$${name}" got invalid value at "${name}${place}"; ${message}`, {
          nodes: definition,
          originalError,
        });
      });
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  }
  return undefined;
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
