import { type InputValueDefinitionNode, Kind, type TypeNode } from "graphql";
import { type BodyValue, bodyValueAt, describeTypes } from "./body-value";
import { EVENT_CLAIMS } from "./event-claims";
import type { EventCondition } from "./event-condition";
import type { SubgraphTypes } from "./subgraph-types";

type Comparable = "text" | "number" | "boolean";

interface ConditionPlace {
  /** `where` or `authorize`. */
  readonly of: string;
  readonly eventType: string;
  /** JSON Schema of the event's body. */
  readonly schema: object;
  readonly args: readonly InputValueDefinitionNode[];
  readonly types: SubgraphTypes;
}

/** @returns why the condition can never hold for an event of the type, or does not say what it seems to */
export function checkCondition({ path, operator, operand }: EventCondition, place: ConditionPlace): string[] {
  const { of, eventType, schema } = place;
  const value = bodyValueAt(schema, path);
  const name = `the path "${path.join(".")}" (${of})`;
  if (!value) return [`${name} is not in the body of ${eventType}`];
  const comparable = comparableOf(value);
  if (!comparable) return [`${name} is ${describeTypes(value)} in ${eventType}, which cannot be compared`];
  if (comparable === "boolean" && operator !== "==" && operator !== "!=" && operator !== "in") {
    return [`${name} is boolean in ${eventType}, which has no order for "${operator}"`];
  }

  const found = operand.source === "literal" ? literalOperand(operand.value) : referenceOperand(operand, place);
  if (typeof found === "string") return [found];
  const isList = operator === "in";
  if (found.isList !== isList) {
    return [`"${operator}" of ${name} compares with ${isList ? "a list" : "one value"}, and ${found.what} is not`];
  }
  if (found.kinds && found.kinds.some((kind) => kind !== comparable)) {
    return [
      `${name} is ${describeTypes(value)} in ${eventType} and never equals ${found.what} (${found.kinds.join(", ")})`,
    ];
  }
  const strangers = found.values?.filter((one) => value.values && !value.values.includes(one)) ?? [];
  return strangers.length > 0
    ? [`${name} is never ${strangers.map((one) => JSON.stringify(one)).join(" or ")} in ${eventType}`]
    : [];
}

interface Operand {
  readonly what: string;
  readonly isList: boolean;
  /** `undefined` for a custom scalar, which may be anything. */
  readonly kinds: readonly Comparable[] | undefined;
  readonly values?: readonly unknown[];
}

function literalOperand(value: unknown): Operand {
  const isList = Array.isArray(value);
  const values = isList ? (value as unknown[]) : [value];
  const kinds = values.map((one): Comparable => {
    if (typeof one === "number") return "number";
    return typeof one === "boolean" ? "boolean" : "text";
  });
  return { what: JSON.stringify(value), isList, kinds: [...new Set(kinds)], values };
}

function referenceOperand(
  { source, name }: { readonly source: "args" | "claims"; readonly name: string },
  { of, args, types }: ConditionPlace,
): Operand | string {
  const what = `$${source}.${name}`;
  if (source === "claims") {
    if (!Object.hasOwn(EVENT_CLAIMS, name)) {
      return `${of} names the claim "${name}", which nobody has: there are ${Object.keys(EVENT_CLAIMS).join(", ")}`;
    }
    return { what, isList: EVENT_CLAIMS[name as keyof typeof EVENT_CLAIMS] === "texts", kinds: ["text"] };
  }
  const argument = args.find((candidate) => candidate.name.value === name);
  if (!argument) return `it has no argument "${name}", which ${of} names`;
  if (argument.type.kind !== Kind.NON_NULL_TYPE && !argument.defaultValue) {
    return `the argument "${name}" can be left out, and then ${of} would let nothing through: make it non-null or give it a default`;
  }
  const { isList, type } = unwrap(argument.type);
  const kinds = type === undefined ? undefined : kindsOf(type, types);
  if (type === undefined || kinds === "none")
    return `the argument "${name}" is no scalar, enum or list of them, so ${of} cannot compare with it`;
  return { what, isList, kinds };
}

function comparableOf({ types }: BodyValue): Comparable | undefined {
  const kinds = types.filter((type) => type !== "null");
  if (kinds.length > 0 && kinds.every((type) => type === "integer" || type === "number")) return "number";
  if (kinds.length !== 1) return undefined;
  return kinds[0] === "string" ? "text" : kinds[0] === "boolean" ? "boolean" : undefined;
}

const BUILT_IN: Readonly<Record<string, Comparable>> = {
  ID: "text",
  String: "text",
  Int: "number",
  Float: "number",
  Boolean: "boolean",
};

function kindsOf(type: string, { types }: SubgraphTypes): readonly Comparable[] | undefined | "none" {
  const builtIn = BUILT_IN[type];
  if (builtIn) return [builtIn];
  const kind = types.get(type)?.kind;
  if (kind === "enum") return ["text"];
  return kind === "scalar" ? undefined : "none";
}

/** `type` is undefined for a list of lists. */
function unwrap(node: TypeNode): { isList: boolean; type: string | undefined } {
  const bare = node.kind === Kind.NON_NULL_TYPE ? node.type : node;
  if (bare.kind === Kind.NAMED_TYPE) return { isList: false, type: bare.name.value };
  const item = bare.type.kind === Kind.NON_NULL_TYPE ? bare.type.type : bare.type;
  return { isList: true, type: item.kind === Kind.NAMED_TYPE ? item.name.value : undefined };
}
