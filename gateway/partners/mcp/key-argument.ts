import type { JsonSchema } from "../openapi/json-schema";
import type { RegisteredOperation } from "../registry/operation-registry";

/**
 * The argument of a tool in which an agent names its call of a mutation. Agents choose arguments and nothing else: neither headers nor ids of JSON-RPC, which
 * begin at 1 in every client and tell no call from another.
 * @returns a name that no variable of the operation has
 */
export function keyArgumentOf({ definition }: Pick<RegisteredOperation, "definition">): string {
  const taken = new Set(definition.variableDefinitions?.map(({ variable }) => variable.name.value));
  let name = "idempotencyKey";
  while (taken.has(name)) name = `${name}OfCall`;
  return name;
}

export const KEY_ARGUMENT: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 255,
  description:
    "A new text of your own for each thing that you want done, such as a UUID. The same when you try again: then it is done once, and answered as the first time.",
};

/** Arguments as variables, and the key that stood among them. A key that is no text is one that cannot be used, not none. */
export function takeKeyArgument(
  operation: Pick<RegisteredOperation, "definition" | "type">,
  given: Readonly<Record<string, unknown>>,
): { readonly variables: Readonly<Record<string, unknown>>; readonly key: string | undefined } {
  if (operation.type !== "mutation") return { variables: given, key: undefined };
  const { [keyArgumentOf(operation)]: key, ...variables } = given;
  return { variables, key: key === undefined || key === null ? undefined : typeof key === "string" ? key : "" };
}
