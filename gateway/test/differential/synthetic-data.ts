import { type GraphQLSchema, isEnumType, isObjectType, Kind, type SelectionSetNode, type TypeNode } from "graphql";
import { hashText } from "./draw";
import type { Graph } from "./graph";
import { canonicalJson, definitionsOf, type GraphData, isOfType, Ref, type Value } from "./graph-data";
import { parseContextReference, type SubgraphFacts } from "./subgraph-facts";

export interface SyntheticDataOptions {
  readonly seed: number;
  /** How many of a hundred nullable places are null. */
  readonly nullPercent: number;
  /** How many of a hundred fields fail. */
  readonly errorPercent: number;
  /** How many of a hundred entities a subgraph does not find by their keys; none by default. */
  readonly missPercent?: number;
}

const ENTITIES_PER_TYPE = 4;
const MAX_LIST_LENGTH = 3;
/** What serialisers, escapers and readers of property names get wrong. */
const TEXTS = [
  "plain",
  "",
  'with "quotes"',
  "back\\slash",
  "two\nlines\ttabbed",
  "naïve 日本 🚲",
  "\u2028\u0000\u001f",
  "__proto__",
  "null",
  "</script>",
];
const SCALARS: readonly Value[] = [
  "2020-02-02",
  7,
  1.5,
  true,
  { __typename: "Trap", nested: [1, null] },
  ["a", ["b"]],
  "",
];

interface Place {
  readonly type: TypeNode;
  readonly isKey: boolean;
  /** Another field is computed from it or found by it, so that its failure would show in other places than its own. */
  readonly neverFails: boolean;
  /** Of no object type do all subgraphs know that it can be here: who asks gets an error, or null where nothing may fail. */
  readonly isImpossible: boolean;
  readonly concreteTypes: readonly string[];
}

/**
 * Data of any graph, computed from names and a seed. All that depends on the graph depends on what the subgraphs agree on, so that every
 * one of them could have given the value: the strictest type, the concrete types and enum values that all of them know.
 */
export function createSyntheticData(graph: Graph, options: SyntheticDataOptions): GraphData {
  const { subgraphs, fullSchema } = graph;
  const visible = graph.supergraph.apiSchema;
  const used = usedFields(subgraphs, fullSchema);
  const places = new Map<string, Place>();
  const entityTypes = new Set(
    Object.values(fullSchema.getTypeMap())
      .filter(isObjectType)
      .map(({ name }) => name)
      .filter((name) =>
        subgraphs.some(({ types }) =>
          [...types].some(([type, { keys }]) => keys.length > 0 && isOfType(fullSchema, name, type)),
        ),
      ),
  );

  const placeOf = (type: string, field: string): Place => {
    const name = `${type}.${field}`;
    const known = places.get(name);
    if (known) return known;
    const definitions = definitionsOf(subgraphs, fullSchema, type, field);
    if (definitions.length === 0) throw new Error(`no subgraph defines ${name}`);
    const types = definitions.map(({ facts }) => facts.type);
    const differs = types.some((one) => shapeOf(one) !== shapeOf(types[0]!));
    const common = commonTypes(
      definitions.map(({ subgraph, facts }) => concreteTypes(subgraph, subgraphs, fullSchema, namedType(facts.type))),
    );
    const candidates = common.filter((one) => visible.getType(one) !== undefined);
    const place = {
      type: types.reduce(strictest),
      isKey: used.keys.has(name),
      // Where subgraphs disagree on nullability, an error would climb to different places.
      neverFails: used.keys.has(name) || used.inputs.has(name) || differs,
      isImpossible: candidates.length === 0 && isComposite(subgraphs, namedType(types[0]!)),
      concreteTypes: candidates,
    };
    places.set(name, place);
    return place;
  };

  const enumValues = (name: string): readonly string[] => {
    const known = subgraphs.flatMap(({ types }) => types.get(name)?.values ?? []);
    const common = commonTypes(subgraphs.flatMap(({ types }) => (types.get(name) ? [types.get(name)!.values] : [])));
    const type = visible.getType(name);
    const seen = common.filter((value) => !isEnumType(type) || type.getValue(value));
    return seen.length > 0 ? seen : known;
  };

  const leaf = (type: string, key: string, ref: Ref, field: string, isKey: boolean): Value => {
    const number = hashText(key);
    switch (type) {
      case "ID":
        return isKey ? `${field}-${ref.type}-${ref.id}` : `${field}-${number % 1000}`;
      case "String":
        return isKey ? `${field}/${ref.type}/${ref.id}` : `${TEXTS[number % TEXTS.length]}${number % 97}`;
      case "Int":
        return isKey ? (hashText(`${ref.type}.${field}`) % 1000) * 10 + Number(ref.id) : (number % 2001) - 1000;
      case "Float":
        return ((number % 20001) - 10000) / 8;
      case "Boolean":
        return number % 2 === 0;
      default: {
        const values = enumValues(type);
        return values.length > 0 ? values[number % values.length] : SCALARS[number % SCALARS.length];
      }
    }
  };

  const composite = (name: string, candidates: readonly string[], key: string): Ref => {
    if (candidates.length === 0) throw new Error(`no object of type ${name} is known everywhere`);
    const type = candidates[hashText(`${key}~`) % candidates.length]!;
    const number = hashText(`${key}@`);
    return new Ref(type, entityTypes.has(type) ? String(number % ENTITIES_PER_TYPE) : number.toString(16));
  };

  return {
    value: ({ ref, field, args, required, turn }) => {
      const place = placeOf(ref.type, field);
      const key = `${options.seed}|${ref.type}|${ref.id}|${field}|${canonicalJson(args)}|${canonicalJson(required)}|${turn ?? ""}`;
      if (!place.neverFails && hashText(`${key}!`) % 100 < options.errorPercent) {
        throw new Error(`${ref.type}.${field} fails`);
      }
      const make = (type: TypeNode, at: string): Value => {
        if (type.kind === Kind.NON_NULL_TYPE) return present(type.type, at);
        const isNull = hashText(`${at}?`) % 100 < options.nullPercent || (place.neverFails && place.isImpossible);
        return isNull && !place.isKey ? null : present(type, at);
      };
      const present = (type: TypeNode, at: string): Value => {
        if (type.kind === Kind.NON_NULL_TYPE) return present(type.type, at);
        if (type.kind === Kind.LIST_TYPE) {
          const length = hashText(`${at}#`) % (MAX_LIST_LENGTH + 1);
          return Array.from({ length }, (_, index) => make(type.type, `${at}#${index}`));
        }
        const name = type.name.value;
        if (isComposite(subgraphs, name)) {
          const found = composite(name, place.concreteTypes, at);
          // What is found by a part has this part alone.
          return place.isKey && entityTypes.has(found.type) ? new Ref(found.type, ref.id) : found;
        }
        return leaf(name, at, ref, field, place.isKey);
      };
      return make(place.type, key);
    },
    entities: (type) =>
      entityTypes.has(type)
        ? Array.from({ length: ENTITIES_PER_TYPE }, (_, index) => new Ref(type, String(index)))
        : [],
    isKnownTo: (subgraph, { type, id }) =>
      hashText(`${options.seed}|${subgraph}|${type}|${id}|known`) % 100 >= (options.missPercent ?? 0),
  };
}

/** `Type.field` of everything that keys and `@requires` mention. */
function usedFields(subgraphs: readonly SubgraphFacts[], schema: GraphQLSchema) {
  const keys = new Set<string>();
  const inputs = new Set<string>();
  const mark = (set: Set<string>, type: string, selections: SelectionSetNode): void => {
    const objects = Object.values(schema.getTypeMap()).filter(
      (candidate) => isObjectType(candidate) && isOfType(schema, candidate.name, type),
    );
    for (const { name: object } of objects) {
      for (const selection of selections.selections) {
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value ?? object;
          if (isOfType(schema, object, condition) || isOfType(schema, condition, object)) {
            mark(set, condition, selection.selectionSet);
          }
        }
        if (selection.kind !== Kind.FIELD) continue;
        const field = selection.name.value;
        set.add(`${object}.${field}`);
        const [definition] = definitionsOf(subgraphs, schema, object, field);
        if (selection.selectionSet && definition) mark(set, namedType(definition.facts.type), selection.selectionSet);
      }
    }
  };
  for (const { types } of subgraphs) {
    for (const [name, { keys: typeKeys, fields }] of types) {
      for (const { fields: selections } of typeKeys) mark(keys, name, selections);
      for (const { requires } of fields.values()) if (requires) mark(inputs, name, requires);
      for (const { contextArguments } of fields.values()) {
        for (const reference of contextArguments.values()) {
          const { context, selections } = parseContextReference(reference);
          for (const [type, { contexts }] of types) if (contexts.includes(context)) mark(inputs, type, selections);
        }
      }
    }
  }
  return { keys, inputs };
}

function concreteTypes(
  { types }: SubgraphFacts,
  subgraphs: readonly SubgraphFacts[],
  schema: GraphQLSchema,
  name: string,
): string[] {
  const facts = types.get(name);
  if (!facts) return [];
  if (facts.isInterfaceObject) {
    const implementations = subgraphs.flatMap((subgraph) =>
      [...subgraph.types].filter(([type, { kind }]) => kind.startsWith("Object") && isOfType(schema, type, name)),
    );
    return [...new Set(implementations.map(([type]) => type))].filter((type) => isObjectType(schema.getType(type)));
  }
  if (facts.kind === Kind.UNION_TYPE_DEFINITION) {
    return facts.members.flatMap((member) => concreteTypes({ types } as SubgraphFacts, subgraphs, schema, member));
  }
  if (facts.kind === Kind.INTERFACE_TYPE_DEFINITION) {
    return [...types]
      .filter(([, candidate]) => candidate.kind.startsWith("Object") && candidate.interfaces.includes(name))
      .flatMap(([type]) => concreteTypes({ types } as SubgraphFacts, subgraphs, schema, type));
  }
  return [name];
}

const isComposite = (subgraphs: readonly SubgraphFacts[], name: string): boolean =>
  subgraphs.some(({ types }) => /Object|Interface|Union/.test(types.get(name)?.kind.replace("InputObject", "") ?? ""));

const commonTypes = (lists: readonly (readonly string[])[]): string[] =>
  [...new Set(lists[0] ?? [])].filter((name) => lists.every((list) => list.includes(name)));

export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

const shapeOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE
    ? "."
    : type.kind === Kind.LIST_TYPE
      ? `[${shapeOf(type.type)}]`
      : `${shapeOf(type.type)}!`;

/** Non-null wherever one of the two is. */
function strictest(one: TypeNode, other: TypeNode): TypeNode {
  if (one.kind === Kind.NON_NULL_TYPE || other.kind === Kind.NON_NULL_TYPE) {
    const inner = strictest(
      one.kind === Kind.NON_NULL_TYPE ? one.type : one,
      other.kind === Kind.NON_NULL_TYPE ? other.type : other,
    );
    return inner.kind === Kind.NON_NULL_TYPE ? inner : { kind: Kind.NON_NULL_TYPE, type: inner };
  }
  if (one.kind === Kind.LIST_TYPE && other.kind === Kind.LIST_TYPE) {
    return { kind: Kind.LIST_TYPE, type: strictest(one.type, other.type) };
  }
  return one;
}
