import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  type TypeNode,
  valueFromASTUntyped,
} from "graphql";
import { parseCondition, splitConditions } from "./event-condition";
import { EVENT_CATALOGUE } from "./events/catalogue";
import type { SubgraphSdl } from "./subgraph-sdl";

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/**
 * Holds every `@event` against the catalogue of events: types that nobody publishes, paths that no body has, arguments that do not exist
 * and return types that are no entities are found when the graph is composed, not when a subscriber waits in vain.
 * @returns one sentence per problem, naming subgraph, field and path
 */
export function checkEventDirectives(subgraphs: readonly SubgraphSdl[]): string[] {
  return subgraphs.flatMap(({ name, sdl }) => {
    const document = parse(sdl);
    const entities = entityNames(document);
    return subscriptionFields(document).flatMap((field) => {
      const place = `${name}: Subscription.${field.name.value}`;
      const directive = field.directives?.find(({ name: { value } }) => value === "event");
      if (!directive) return [`${place} has no @event: nothing would ever feed it`];
      return checkField(field, directive, entities).map((problem) => `${place}: ${problem}`);
    });
  });
}

function checkField(
  field: FieldDefinitionNode,
  directive: ConstDirectiveNode,
  entities: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  const { types, key, where } = readArguments(directive);
  if (!entities.has(namedType(field.type))) problems.push(`it must return an entity, not ${namedType(field.type)}`);
  if (types.length === 0) problems.push("it names no event type");

  for (const type of types) {
    const definition = EVENT_CATALOGUE.find((candidate) => candidate.type === type);
    if (!definition) {
      problems.push(`the event type "${type}" is not in schema/events`);
      continue;
    }
    const schema = definition.schema as JsonSchema;
    if (!hasPath(schema, key)) problems.push(`the path "${key}" (key) is not in the body of ${type}`);
    for (const text of where === undefined ? [] : splitConditions(where)) {
      const condition = parseCondition(text);
      if (!condition) {
        problems.push(`the condition "${text.trim()}" is not of the form "path == $args.name"`);
        continue;
      }
      const path = condition.path.join(".");
      const { source, name } = condition;
      if (!hasPath(schema, path)) {
        problems.push(`the path "${path}" (where) is not in the body of ${type}`);
      } else if (source === "args" && !field.arguments?.some((argument) => argument.name.value === name)) {
        problems.push(`it has no argument "${name}", which the condition "${text.trim()}" names`);
      }
    }
  }
  return [...new Set(problems)];
}

function readArguments(directive: ConstDirectiveNode): { types: string[]; key: string; where: string | undefined } {
  const values = Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  );
  const types = values["types"] as string | string[] | undefined;
  return {
    types: Array.isArray(types) ? types : types === undefined ? [] : [types],
    key: String(values["key"] ?? ""),
    where: values["where"] as string | undefined,
  };
}

function hasPath(schema: JsonSchema, path: string): boolean {
  let here: JsonSchema | undefined = schema;
  for (const part of path.split(".")) {
    here = here?.properties && Object.hasOwn(here.properties, part) ? here.properties[part] : undefined;
  }
  return here !== undefined;
}

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));

function entityNames(document: DocumentNode): ReadonlySet<string> {
  return new Set(
    document.definitions.flatMap((definition) =>
      "directives" in definition &&
      (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION) &&
      definition.directives?.some(({ name }) => name.value === "key")
        ? [definition.name.value]
        : [],
    ),
  );
}

function subscriptionFields(document: DocumentNode): readonly FieldDefinitionNode[] {
  return document.definitions.flatMap((definition) =>
    (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION) &&
    definition.name.value === "Subscription"
      ? (definition.fields ?? [])
      : [],
  );
}
