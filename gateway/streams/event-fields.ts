import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  valueFromASTUntyped,
} from "graphql";
import { type EventCondition, parseCondition, splitConditions } from "../../schema/event-condition";
import { featureIdentity } from "../supergraph/runtime-view";

/** A subscription field that events feed, as its `@event` directive declares it. */
export interface EventField {
  readonly name: string;
  /** Exact event types. */
  readonly types: readonly string[];
  /** Where the body holds the `id` of the entity that the field returns. */
  readonly key: readonly string[];
  /** All must hold for an event to reach a subscriber. */
  readonly conditions: readonly EventCondition[];
}

const IDENTITY = "https://tributary.dev/event";

/**
 * Reads every `@event` out of a full supergraph, under whatever name the supergraph imports it. Supergraphs without the directive have no streams.
 * @throws Error when a directive cannot be understood: serving it would leave subscribers waiting for ever
 */
export function readEventFields(supergraph: DocumentNode): ReadonlyMap<string, EventField> {
  const name = directiveName(supergraph);
  const fields = new Map<string, EventField>();
  if (name === undefined) return fields;
  for (const field of subscriptionFields(supergraph)) {
    const directive = field.directives?.find((candidate) => candidate.name.value === name);
    if (directive) fields.set(field.name.value, readEventField(field.name.value, directive));
  }
  return fields;
}

function readEventField(name: string, directive: ConstDirectiveNode): EventField {
  const values = Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  );
  const types = [values["types"]].flat() as string[];
  const key = values["key"];
  const where = values["where"];
  if (typeof key !== "string" || types.some((type) => typeof type !== "string")) {
    throw new Error(`@event of Subscription.${name} needs event types and a key.`);
  }
  return {
    name,
    types,
    key: key.split("."),
    conditions: typeof where === "string" ? splitConditions(where).map((text) => readCondition(name, text)) : [],
  };
}

function readCondition(field: string, text: string): EventCondition {
  const condition = parseCondition(text);
  if (!condition)
    throw new Error(`@event of Subscription.${field} has a condition that cannot be read: ${text.trim()}`);
  return condition;
}

function directiveName(document: DocumentNode): string | undefined {
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    const link = node.directives?.find((directive) => featureIdentity(directive) === IDENTITY);
    if (link) return importedName(link);
  }
  return undefined;
}

/** `event` of `import: ["@event"]`, `live` of `import: [{ name: "@event", as: "@live" }]`, `event` when nothing is imported. */
function importedName(link: ConstDirectiveNode): string {
  const imports = link.arguments?.find(({ name }) => name.value === "import");
  const list = imports
    ? ([valueFromASTUntyped(imports.value)].flat() as (string | { name?: string; as?: string })[])
    : [];
  const imported = list.find((item) => typeof item === "object" && item.name === "@event");
  return typeof imported === "object" && imported.as ? imported.as.replace(/^@/, "") : "event";
}

function subscriptionFields(document: DocumentNode): readonly FieldDefinitionNode[] {
  const root =
    document.definitions
      .flatMap((node) => (node.kind === Kind.SCHEMA_DEFINITION ? node.operationTypes : []))
      .find(({ operation }) => operation === "subscription")?.type.name.value ?? "Subscription";
  return document.definitions
    .filter((node): node is ObjectTypeDefinitionNode => node.kind === Kind.OBJECT_TYPE_DEFINITION)
    .filter((node) => node.name.value === root)
    .flatMap((node) => node.fields ?? []);
}

/** The value at a path of an event's body; only own properties count, so that `__proto__` is an ordinary, absent name. */
export function valueAt(data: unknown, path: readonly string[]): string | number | boolean | undefined {
  let here: unknown = data;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string, unknown>)[part];
  }
  return typeof here === "string" || typeof here === "number" || typeof here === "boolean" ? here : undefined;
}
