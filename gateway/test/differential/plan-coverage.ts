import type { QueryPlan } from "@apollo/query-planner";
import {
  type FieldNode,
  getNamedType,
  type GraphQLObjectType,
  isCompositeType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type TypeNode,
} from "graphql";
import type { Fetch, ResponsePath } from "../../execution/plan/fetch";
import { entitySelection, readFetchGraph } from "../../execution/plan/fetch-graph";
import { type OutputField, readSelection, type Selection } from "../../operation/output-fields";
import type { NormalisedOperation } from "../../operation/normalise-operation";
import type { Graph } from "./graph";
import { isOfType } from "./graph-data";
import type { SubgraphFacts, TypeFacts } from "./subgraph-facts";

/** What one fetch asks of one object. */
interface Source {
  readonly fetch: Fetch;
  readonly sets: readonly SelectionSetNode[];
}

interface Place {
  readonly path: ResponsePath;
  /** An object type of the object: one that every subgraph asked for it can give here. */
  readonly type: GraphQLObjectType;
  /** Names of the types of all objects on the way, by the length of the path to them; the last is the object's own. */
  readonly kinds: ReadonlyMap<number, string>;
  readonly sources: readonly Source[];
}

/**
 * Looks for fields of an operation that its plan asks of nobody, whatever the data. Types are followed as subgraphs can give them: of a field of an
 * abstract type, only types that each subgraph has behind it which is asked for the field or could be: it is the same field in all of them, so nothing else can
 * be there. So what the planner rightly leaves out is not missed here.
 *
 * @returns for each such field its path and type: `items.@ Book.label`
 */
export function findUncovered(graph: Graph, { operation }: NormalisedOperation, plan: QueryPlan): readonly string[] {
  const { apiSchema } = graph.supergraph;
  const { fetches } = readFetchGraph(plan);
  const subgraphs = new Map(graph.subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const rootType = apiSchema.getRootType(operation.operation);
  const missing = new Set<string>();
  if (!rootType) return [];

  const visit = (selection: Selection, place: Place): void => {
    const { path, type, sources, kinds } = place;
    const joined = fetches
      .filter(({ path: at }) => path.length > 0 && isSame(at, path))
      .filter((fetch) => isAsked(fetch, type))
      .filter(({ types }) => [...types].every(([depth, names]) => names.has(kinds.get(depth) ?? "")));
    const all = [...sources, ...joined.map((fetch) => ({ fetch, sets: [entitySelection(fetch.operation)] }))];
    for (const field of selection.fieldsOf(type)) {
      if (field.name.startsWith("__") || !field.definition) continue;
      const givers = all.flatMap((source): Source[] => {
        const nodes = nodesOf(source, type.name, field);
        const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
        return nodes.length > 0 ? [{ fetch: source.fetch, sets }] : [];
      });
      if (givers.length === 0) missing.add(`${path.join(".")} ${type.name}.${field.name}`);
      else visitBelow(field, place, givers);
    }
  };

  const visitBelow = (field: OutputField, { path: above, type, kinds }: Place, givers: readonly Source[]): void => {
    const { selection, definition } = field;
    if (!selection || !definition || !isCompositeType(getNamedType(definition.type))) return;
    const lists = definition.type.toString().split("[").length - 1;
    const path = [...above, field.key, ...Array.from({ length: lists }, () => "@")];
    const services = new Set([...givers.map(({ fetch }) => fetch.service), ...ownersOf(type.name, field.name)]);
    const [first, ...others] = [...services].map((service) => typesGiven(service, type.name, field.name));
    for (const name of first ?? []) {
      const below = apiSchema.getType(name);
      if (isObjectType(below) && others.every((some) => some.has(name)))
        visit(selection, { path, type: below, kinds: new Map([...kinds, [path.length, name]]), sources: givers });
    }
  };

  /** Whether an object of the type is represented to the fetch. */
  const isAsked = ({ requires = [] }: Fetch, { name }: GraphQLObjectType): boolean =>
    requires.some(
      (node) =>
        node.kind === "InlineFragment" &&
        (node.typeCondition === undefined || isOfType(graph.fullSchema, name, node.typeCondition)),
    );

  const nodesOf = ({ fetch, sets }: Source, type: string, { key }: OutputField): readonly FieldNode[] => {
    const facts = subgraphs.get(fetch.service);
    const isKey = (own: string): boolean =>
      own === key ||
      fetch.outputRewrites.some(
        (one) => one.kind === "KeyRenamer" && one.renameKeyTo === key && one.path.at(-1) === own,
      );
    const look = (set: SelectionSetNode): FieldNode[] =>
      set.selections.flatMap((node): FieldNode[] => {
        if (node.kind === Kind.FIELD) return isKey((node.alias ?? node.name).value) ? [node] : [];
        if (node.kind === Kind.FRAGMENT_SPREAD) throw new Error("a fetch's fragments must be in place");
        const on = node.typeCondition?.name.value;
        return on === undefined || (facts && isWithin(facts, type, on)) ? look(node.selectionSet) : [];
      });
    return sets.flatMap(look);
  };

  /** Whether the subgraph takes an object for one of the type or interface. */
  const isWithin = ({ types }: SubgraphFacts, type: string, on: string): boolean => {
    if (type === on) return true;
    const [own, condition] = [types.get(type), types.get(on)];
    if (condition?.isInterfaceObject) return isOfType(graph.fullSchema, type, on);
    if (own) return own.interfaces.includes(on) || (condition?.members.includes(type) ?? false);
    return [...types].some(
      ([name, one]) =>
        one.isInterfaceObject &&
        isOfType(graph.fullSchema, type, name) &&
        isWithin({ types } as SubgraphFacts, name, on),
    );
  };

  /** The subgraphs that resolve a field of an object type. */
  const ownersOf = (type: string, field: string): readonly string[] =>
    graph.subgraphs
      .filter(({ types }) => {
        const own = types.get(type)?.fields.get(field);
        return own && !own.isExternal && !own.isOverridden;
      })
      .map(({ name }) => name);

  const typesGiven = (service: string, type: string, field: string): ReadonlySet<string> => {
    const types: ReadonlyMap<string, TypeFacts> = subgraphs.get(service)?.types ?? new Map();
    const owner =
      types.get(type)?.fields.get(field) ??
      [...types]
        .find(([name, one]) => one.fields.has(field) && isOfType(graph.fullSchema, type, name))?.[1]
        .fields.get(field);
    const below = owner ? namedType(owner.type) : "";
    const facts = types.get(below);
    if (facts?.isInterfaceObject) return new Set(possibleTypes(below));
    if (facts?.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      return new Set(
        [...types]
          .filter(([, one]) => one.kind === Kind.OBJECT_TYPE_DEFINITION && one.interfaces.includes(below))
          .map(([name]) => name),
      );
    }
    return new Set(facts?.kind === Kind.UNION_TYPE_DEFINITION ? facts.members : [below]);
  };

  const possibleTypes = (name: string): readonly string[] =>
    Object.values(graph.fullSchema.getTypeMap())
      .filter((type) => isObjectType(type) && isOfType(graph.fullSchema, type.name, name))
      .map((type) => type.name);

  const roots = fetches
    .filter(({ path }) => path.length === 0)
    .map((fetch) => ({ fetch, sets: [fetch.operation.selectionSet] }));
  visit(readSelection(apiSchema, operation), { path: [], type: rootType, kinds: new Map(), sources: roots });
  return [...missing];
}

const isSame = (one: ResponsePath, other: ResponsePath): boolean =>
  one.length === other.length && one.every((segment, i) => segment === other[i]);

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));
