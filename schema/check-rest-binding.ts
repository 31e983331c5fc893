import { Kind, type OperationDefinitionNode, type TypeNode } from "graphql";
import { parseRestPath, type RestBinding } from "./rest-path";

/**
 * Why an operation cannot be bound to a path. Every variable has a place by itself: in the path when the path names it, otherwise in the
 * query string (GET) or in the body (POST). So what remains to be checked is that the path names variables that are there and that one
 * part of a path can hold; whether their types are leaves only the schema tells.
 * @returns no reason when it can
 */
export function checkRestBinding(operation: OperationDefinitionNode, { method, path }: RestBinding): string[] {
  if (operation.operation === "subscription") return ["a subscription has no path"];
  const expected = methodOf(operation.operation);
  const reasons = method === expected ? [] : [`a ${operation.operation} is called by ${expected}, not by ${method}`];
  const segments = parseRestPath(path);
  if (typeof segments === "string") return [...reasons, segments];
  for (const segment of segments) {
    if (!("variable" in segment)) continue;
    const found = operation.variableDefinitions?.find(({ variable }) => variable.name.value === segment.variable);
    if (!found)
      reasons.push(`the path "${path}" has {${segment.variable}}, but there is no variable $${segment.variable}`);
    else if (isList(found.type)) reasons.push(`$${segment.variable} is a list, which is not put into a path`);
  }
  return reasons;
}

/** A query changes nothing and may be cached and repeated; a mutation may not. */
export const methodOf = (type: "query" | "mutation"): RestBinding["method"] => (type === "query" ? "GET" : "POST");

const isList = (type: TypeNode): boolean =>
  type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE;
