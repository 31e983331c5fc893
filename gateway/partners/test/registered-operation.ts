import { Kind, parse } from "graphql";
import type { RegisteredOperation } from "../registry/operation-registry";

/** An operation as the registry gives it: active, without a path of its own, under its name as its id. */
export function registeredOperation(body: string, more: Partial<RegisteredOperation> = {}): RegisteredOperation {
  const document = parse(body, { noLocation: true });
  const definition = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (!definition) throw new Error("there is no operation in it");
  const name = definition.name?.value ?? "";
  return {
    id: name,
    name,
    type: definition.operation,
    body,
    document,
    definition,
    rest: undefined,
    state: "active",
    publishedAt: new Date(0),
    deprecatedAt: undefined,
    sunset: undefined,
    successor: undefined,
    ...more,
  };
}
