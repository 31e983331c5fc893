import type { GraphQLError } from "graphql";
import { limitExceeded } from "./operation-limits";

/** Lists and objects in each other. Whoever walks through values does so by recursion, and the stack ends at some thousands. */
const MAX_VARIABLE_DEPTH = 100;

/** @returns why the values are not looked at any further, or undefined */
export function findExceededVariableLimit(variables: Readonly<Record<string, unknown>>): GraphQLError | undefined {
  for (const name in variables) {
    if (isDeeperThan(MAX_VARIABLE_DEPTH, variables[name]))
      return limitExceeded("levels in a variable", MAX_VARIABLE_DEPTH);
  }
  return undefined;
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  // Nothing is made for the elements of a long list, which are looked at one by one.
  if (Array.isArray(value)) return value.some((element) => isDeeperThan(levels - 1, element));
  for (const key in value) {
    if (isDeeperThan(levels - 1, (value as Readonly<Record<string, unknown>>)[key])) return true;
  }
  return false;
}
