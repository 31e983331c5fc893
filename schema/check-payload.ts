import { Kind, type TypeNode } from "graphql";
import type { AccessGuards } from "./access-guards";
import { type BodyValue, bodyValueAt, describeTypes } from "./body-value";
import type { EventPath } from "./event-path";
import type { SubgraphTypes } from "./subgraph-types";

interface PayloadPlace {
  /** The object type whose fields they are. */
  readonly entity: string;
  readonly eventType: string;
  /** JSON Schema of the event's body. */
  readonly schema: object;
  readonly types: SubgraphTypes;
  readonly guards: AccessGuards;
  readonly hasAuthorize: boolean;
}

/** @returns why a field of the entity cannot come from the event's body */
export function checkPayloadField(field: string, path: EventPath, place: PayloadPlace): string[] {
  const { entity, eventType, schema, types, guards, hasAuthorize } = place;
  const node = types.types.get(entity)?.fields.get(field);
  if (!node) return [`payload names ${entity}.${field}, which does not exist`];
  const problems: string[] = [];
  if (node.arguments?.length)
    problems.push(`payload names ${entity}.${field}, which has arguments that an event cannot answer`);
  if (guards.guards(entity, field) && !hasAuthorize) {
    problems.push(
      `payload names ${entity}.${field}, which an access directive guards: say with authorize who may see it`,
    );
  }
  const value = bodyValueAt(schema, path);
  const at = `the path "${path.join(".")}" (payload ${field})`;
  if (!value) return [...problems, `${at} is not in the body of ${eventType}`];
  if (node.type.kind === Kind.NON_NULL_TYPE && !value.required) {
    problems.push(`${at} may be missing in ${eventType}, and ${entity}.${field} is never null`);
  }
  if (!fits(value, node.type, types)) {
    problems.push(
      `${at} is ${describeTypes(value)} in ${eventType}, which is no ${printType(node.type)} of ${entity}.${field}`,
    );
  }
  return problems;
}

const JSON_TYPES: Readonly<Record<string, readonly string[]>> = {
  ID: ["string", "integer"],
  String: ["string"],
  Int: ["integer"],
  Float: ["integer", "number"],
  Boolean: ["boolean"],
};
const SCALARS = ["string", "integer", "number", "boolean"];

/** Scalars, enums and lists of them; what has a selection of its own is asked of its owner. */
function fits(value: BodyValue, type: TypeNode, types: SubgraphTypes): boolean {
  if (type.kind === Kind.NON_NULL_TYPE) return !value.types.includes("null") && fits(value, type.type, types);
  const own = value.types.filter((name) => name !== "null");
  if (own.length === 0) return false;
  if (type.kind === Kind.LIST_TYPE) {
    return own.every((name) => name === "array") && value.items !== undefined && fits(value.items, type.type, types);
  }
  const name = type.name.value;
  const definition = types.types.get(name);
  if (definition?.kind === "enum") {
    return value.values !== undefined && value.values.every((one) => definition.names.includes(String(one)));
  }
  const allowed = JSON_TYPES[name] ?? (definition?.kind === "scalar" ? SCALARS : []);
  return own.every((one) => allowed.includes(one));
}

function printType(type: TypeNode): string {
  if (type.kind === Kind.NAMED_TYPE) return type.name.value;
  return type.kind === Kind.LIST_TYPE ? `[${printType(type.type)}]` : printType(type.type);
}
