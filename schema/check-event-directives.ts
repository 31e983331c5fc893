import { type ConstDirectiveNode, type FieldDefinitionNode, Kind, parse, type TypeNode } from "graphql";
import { type AccessGuards, readAccessGuards } from "./access-guards";
import { bodyValueAt, describeTypes } from "./body-value";
import { checkCondition } from "./check-conditions";
import { checkPayloadField } from "./check-payload";
import { EVENT_CATALOGUE } from "./events/catalogue";
import { EVENT_SPECIFICATION } from "./event-specification";
import { type EventDeclaration, readEventDirective } from "./read-event-directive";
import type { SubgraphSdl } from "./subgraph-sdl";
import { argumentsOf, namedType, objectsUnder, readSubgraphTypes, type SubgraphTypes } from "./subgraph-types";

/**
 * Holds every `@event` against the catalogue of events and the subgraph's own types: what would leave a subscriber waiting in vain, or show
 * them what they may not see, is found when the graph is composed.
 * @returns one sentence per problem, naming subgraph and field and, where there are any, path and event type
 */
export function checkEventDirectives(subgraphs: readonly SubgraphSdl[]): string[] {
  const read = subgraphs.map(({ name, sdl }) => ({ name, types: readSubgraphTypes(parse(sdl)) }));
  const guards = readAccessGuards(read.map(({ types }) => types));
  return read.flatMap(({ name, types }) => {
    const directiveName = types.directive(EVENT_SPECIFICATION, "event");
    return [...(types.types.get("Subscription")?.fields.values() ?? [])].flatMap((field) => {
      const place = `${name}: Subscription.${field.name.value}`;
      const directive = field.directives?.find((candidate) => candidate.name.value === directiveName);
      if (!directive) return [`${place} has no @event: nothing would ever feed it`];
      return [...new Set(checkField(field, directive, types, guards))].map((problem) => `${place}: ${problem}`);
    });
  });
}

function checkField(
  field: FieldDefinitionNode,
  directive: ConstDirectiveNode,
  types: SubgraphTypes,
  guards: AccessGuards,
): string[] {
  const { declaration, problems } = readEventDirective(directive);
  const returned = namedType(field.type);
  return [
    ...problems,
    ...(isList(field.type) ? [`it must return one entity, not a list: an event is about one`] : []),
    ...checkEntities(returned, declaration, types),
    ...declaration.types.flatMap((type) => {
      const schema = EVENT_CATALOGUE.find((candidate) => candidate.type === type)?.schema;
      if (!schema) return [`the event type "${type}" is not in schema/events`];
      const entity = declaration.entities.get(type) ?? returned;
      return checkEventType({ type, schema, entity, declaration, field, types, guards });
    }),
  ];
}

/** What the field returns must have an owner who can be asked for it by the event's key. */
function checkEntities(
  returned: string,
  { types: eventTypes, entities }: EventDeclaration,
  types: SubgraphTypes,
): string[] {
  const kind = types.types.get(returned)?.kind;
  const objects = objectsUnder(types, returned);
  const strangers = objects.filter((name) => !isEntity(types, name));
  if (kind !== "union" && kind !== "interface") {
    if (kind !== "object" || strangers.length > 0)
      return [`it must return an entity with @key(fields: "id"), not ${returned}`];
    return entities.size > 0 ? [`entities is for a union or an interface, and ${returned} is neither`] : [];
  }
  return [
    ...strangers.map((name) => `it returns ${returned}, of which ${name} is no entity with @key(fields: "id")`),
    ...eventTypes
      .filter((type) => !entities.has(type))
      .map((type) => `it returns ${returned}: entities must say which type the events "${type}" are about`),
    ...[...entities].flatMap(([event, type]) => [
      ...(eventTypes.includes(event) ? [] : [`entities names the event type "${event}", which types does not list`]),
      ...(objects.includes(type) ? [] : [`entities says that "${event}" is about ${type}, which is no ${returned}`]),
    ]),
  ];
}

function checkEventType(place: {
  readonly type: string;
  readonly schema: object;
  readonly entity: string;
  readonly declaration: EventDeclaration;
  readonly field: FieldDefinitionNode;
  readonly types: SubgraphTypes;
  readonly guards: AccessGuards;
}): string[] {
  const { type: eventType, schema, entity, declaration, field, types, guards } = place;
  const { key, where, authorize, delivery } = declaration;
  const args = field.arguments ?? [];
  return [
    ...(key.length > 0 ? checkKey(key, eventType, schema) : []),
    ...where.flatMap((condition) => checkCondition(condition, { of: "where", eventType, schema, args, types })),
    ...authorize.flatMap((condition) => checkCondition(condition, { of: "authorize", eventType, schema, args, types })),
    ...(delivery.kind === "PAYLOAD" ? [...delivery.fields] : []).flatMap(([name, path]) =>
      checkPayloadField(name, path, { entity, eventType, schema, types, guards, hasAuthorize: authorize.length > 0 }),
    ),
  ];
}

function checkKey(key: readonly string[], eventType: string, schema: object): string[] {
  const value = bodyValueAt(schema, key);
  const name = `the path "${key.join(".")}" (key)`;
  if (!value) return [`${name} is not in the body of ${eventType}`];
  if (value.types.length === 0 || value.types.some((type) => type !== "string" && type !== "integer")) {
    return [`${name} is ${describeTypes(value)} in ${eventType}, which is no id`];
  }
  return value.required ? [] : [`${name} may be missing in ${eventType}`];
}

const isList = (type: TypeNode): boolean =>
  type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE;

function isEntity({ types, directive: nameOf }: SubgraphTypes, name: string): boolean {
  const key = nameOf("https://specs.apollo.dev/federation", "key");
  const directives = types.get(name)?.directives ?? [];
  return directives.some((directive) => {
    const { fields, resolvable } = argumentsOf(directive);
    return directive.name.value === key && fields === "id" && resolvable !== false;
  });
}
