import { type GraphQLLeafType, isEnumType } from "graphql";

/**
 * "Coercing Results" (6.4.3): what a resolver gives for a scalar or enum becomes a legal value of that type, or there is an error. Subgraphs have
 * coerced theirs already, so that one is taken as it is or not at all; an ID alone may also come as a number.
 * https://spec.graphql.org/October2021/#CoerceResult()
 *
 * @param value not null
 * @returns undefined when it is not of the type
 */
export function coerceResult(type: GraphQLLeafType, value: unknown): unknown {
  if (isEnumType(type)) return typeof value === "string" && type.getValue(value) ? value : undefined;
  switch (type.name) {
    case "Int":
      return typeof value === "number" && (value | 0) === value ? value : undefined;
    case "Float":
      return typeof value === "number" && Number.isFinite(value) ? value : undefined;
    case "Boolean":
      return typeof value === "boolean" ? value : undefined;
    case "String":
      return typeof value === "string" ? value : undefined;
    case "ID":
      return typeof value === "string" ? value : Number.isInteger(value) ? String(value) : undefined;
    default:
      return value;
  }
}
