import {
  getNullableType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
} from "graphql";
import { parseRestPath, type RestBinding } from "./rest-path";

/** Why variables do not fit into a path as far as only the schema tells: one part of a path holds a scalar or an enum. */
export function checkPathTypes(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  { path }: RestBinding,
): string[] {
  const segments = parseRestPath(path);
  if (typeof segments === "string") return [];
  return segments.flatMap((segment) => {
    const name = "variable" in segment ? segment.variable : undefined;
    const found = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
    const type = found && getNullableType(typeFromAST(schema, found.type as NamedTypeNode));
    return type && !isListType(type) && !isLeafType(type)
      ? [`$${name} is neither a scalar nor an enum, and nothing else is put into a path`]
      : [];
  });
}
