import {
  getArgumentValues,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import type { FieldFacts, SubgraphFacts } from "./subgraph-facts";

/** One object of the graph: the same one in every subgraph that knows its type. */
export class Ref {
  constructor(
    readonly type: string,
    readonly id: string,
  ) {}
}

/** A leaf as JSON, an object, null, or a list of these. */
export type Value = unknown;
export type Args = Readonly<Record<string, unknown>>;

/** What a field computes its value from. Equal questions have equal answers, whichever subgraph asks. */
export interface FieldQuestion {
  readonly ref: Ref;
  readonly field: string;
  readonly args: Args;
  /** The values of its `@requires`, as JSON; undefined for a field without. */
  readonly required: unknown;
  /** How many root fields of this mutation ran before; undefined elsewhere. */
  readonly turn: number | undefined;
}

export interface GraphData {
  /** @throws Error where this field of this object fails */
  value(question: FieldQuestion): Value;
  /** The objects of an object type that can be looked up by key. */
  entities(type: string): readonly Ref[];
  /** Whether this subgraph finds the object by its key; without this, every subgraph finds every object. */
  isKnownTo?(subgraph: string, ref: Ref): boolean;
}

export class MissingInputError extends Error {
  override readonly name = "MissingInputError";
}

/** Reads selections of an object as they would arrive in a representation: no `__typename`, arguments as the selection gives them. */
export function createProjector(schema: GraphQLSchema, data: GraphData, subgraphs: readonly SubgraphFacts[]) {
  const requirements = createRequirements(subgraphs, schema);
  const applies = (condition: string, type: string) => isOfType(schema, type, condition);

  const project = (ref: Ref, selections: SelectionSetNode): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (!selection.typeCondition || applies(selection.typeCondition.name.value, ref.type)) {
          Object.assign(result, project(ref, selection.selectionSet));
        }
        continue;
      }
      const name = selection.name.value;
      if (name === "__typename") continue;
      const type = schema.getType(ref.type);
      const definition = isObjectType(type) ? type.getFields()[name] : undefined;
      if (!definition) throw new Error(`the graph has no field ${ref.type}.${name}`);
      const requires = requirements(ref.type, name);
      const value = data.value({
        ref,
        field: name,
        args: getArgumentValues(definition, selection),
        required: requires && project(ref, requires),
        turn: undefined,
      });
      const read = (item: unknown): unknown => {
        if (Array.isArray(item)) return item.map(read);
        return item instanceof Ref ? project(item, selection.selectionSet!) : item;
      };
      result[name] = read(value);
    }
    return result;
  };
  return { project, requirements };
}

export type Projector = ReturnType<typeof createProjector>;

/**
 * The same selections read from a representation. A field that is missing is a wrong representation; fields beyond are let pass.
 *
 * @throws MissingInputError
 */
export function projectRepresentation(
  schema: GraphQLSchema,
  representation: Record<string, unknown>,
  selections: SelectionSetNode,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      const type = representation["__typename"];
      // Without the type's name, the fields tell whether the fragment was for this object.
      const applies =
        condition === undefined ||
        (typeof type === "string"
          ? isOfType(schema, type, condition)
          : selection.selectionSet.selections.every(
              (inner) => inner.kind !== Kind.FIELD || Object.hasOwn(representation, inner.name.value),
            ));
      if (applies) Object.assign(result, projectRepresentation(schema, representation, selection.selectionSet));
      continue;
    }
    const name = selection.name.value;
    if (name === "__typename") continue;
    if (!Object.hasOwn(representation, name)) throw new MissingInputError(`a representation has no "${name}"`);
    const read = (item: unknown): unknown => {
      if (Array.isArray(item)) return item.map(read);
      if (!selection.selectionSet || item === null) return item;
      return projectRepresentation(schema, item as Record<string, unknown>, selection.selectionSet);
    };
    result[name] = read(representation[name]);
  }
  return result;
}

/** The field's definitions, on the type itself and on interface objects that stand for it. */
export function definitionsOf(
  subgraphs: readonly SubgraphFacts[],
  schema: GraphQLSchema,
  type: string,
  field: string,
): { subgraph: SubgraphFacts; facts: FieldFacts }[] {
  return subgraphs.flatMap((subgraph) => {
    const found: { subgraph: SubgraphFacts; facts: FieldFacts }[] = [];
    for (const [name, facts] of subgraph.types) {
      const own = facts.fields.get(field);
      if (!own || (name !== type && !(facts.isInterfaceObject && isOfType(schema, type, name)))) continue;
      found.push({ subgraph, facts: own });
    }
    return found;
  });
}

function createRequirements(subgraphs: readonly SubgraphFacts[], schema: GraphQLSchema) {
  const known = new Map<string, SelectionSetNode | undefined>();
  return (type: string, field: string): SelectionSetNode | undefined => {
    const key = `${type}.${field}`;
    if (!known.has(key)) {
      const active = definitionsOf(subgraphs, schema, type, field).find(
        ({ facts }) => facts.requires !== undefined && !facts.isOverridden,
      );
      known.set(key, active?.facts.requires);
    }
    return known.get(key);
  };
}

export function isOfType(schema: GraphQLSchema, type: string, condition: string): boolean {
  if (type === condition) return true;
  const object = schema.getType(type);
  const abstract = schema.getType(condition);
  if (!object || !abstract || !(isObjectType(object) || isInterfaceType(object))) return false;
  return (isInterfaceType(abstract) || isUnionType(abstract)) && schema.isSubType(abstract, object);
}

/** JSON with sorted keys, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) =>
      item !== null && typeof item === "object" && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
        : item,
    ) ?? ""
  );
}
