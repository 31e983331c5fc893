import {
  type CompositeType,
  isInterfaceType,
  isObjectType,
  type ObjectType,
  possibleRuntimeTypes,
  type Schema,
} from "@apollo/federation-internals";
import type { Vertex } from "@apollo/query-graphs";
import {
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { PlannerGraph } from "./planner-graph";
import { conditionOf, hasDefer, objectTypeOf, onType, withoutDefer, withSelections } from "./rewrite-document";

/** More fragments than these are not made. */
const MAX_FRAGMENTS = 2_000;

/** Combinations that the planner makes within a millisecond or two. */
const MAX_COMBINATIONS = 1_000;

/** Combinations that it takes too long to make: 50 ms, and each type more doubles that. */
const TOO_MANY_COMBINATIONS = 20_000;

/**
 * Has each object type of an interface asked for by itself: `thing { size }` becomes `thing { ... on Book { size } ... on Toy { size } }`, which asks for
 * the same. Where the subgraph of the interface does not have the field, @apollo/query-planner makes that step itself, but then takes all types together: it makes a list
 * of the ways of all of them in every combination, `2 ** 20` for twenty types with two ways each, and looks only then whether there are too many. By themselves
 * they have forty.
 *
 * @param isNeeded false: only where there are many combinations
 * @returns the very document where nothing is to be spread, and without `@defer` when something deferred would be there twice; undefined where too much would be, and planning should not be tried
 */
export type SpreadInterfaces = (document: DocumentNode, isNeeded: boolean) => DocumentNode | undefined;

/** @param schema what documents are valid on */
export function createInterfaceSpreader(planned: PlannerGraph, schema: Schema): SpreadInterfaces {
  const ways = createWayEstimate(planned);

  const spread = (document: DocumentNode, changes: boolean) => {
    let made = 0;
    let isDeferredTwice = false;
    let combinations = 1;

    /**
     * @param places where the selections may be asked for
     * @param together types, on the way there, that the planner takes together
     */
    const spreadSet = (
      set: SelectionSetNode,
      on: CompositeType,
      places: readonly Vertex[],
      together: number,
    ): SelectionSetNode => ({
      ...set,
      selections: set.selections.flatMap((node): readonly SelectionNode[] => {
        if (made > MAX_FRAGMENTS || node.kind === Kind.FRAGMENT_SPREAD) return [node];
        return node.kind === Kind.FIELD
          ? spreadField(node, on, places, together)
          : spreadFragment(node, on, places, together);
      }),
    });

    const spreadField = (node: FieldNode, on: CompositeType, places: readonly Vertex[], together: number) => {
      const name = node.name.value;
      if (name.startsWith("__")) return [node];
      const below = (parent: CompositeType, next: number): FieldNode => {
        const type = objectTypeOf(parent, name);
        if (!type || !node.selectionSet) return node;
        return { ...node, selectionSet: spreadSet(node.selectionSet, type, ways.placesOf(parent, name), next) };
      };
      const { types, product } = ways.estimate(places, name);
      combinations = Math.max(combinations, product ** together);
      if (!changes || types <= 1) return [below(on, together * types)];
      return eachOf(possibleRuntimeTypes(on), node, (one) => [below(one, 1)]);
    };

    const spreadFragment = (
      node: InlineFragmentNode,
      on: CompositeType,
      places: readonly Vertex[],
      together: number,
    ): readonly SelectionNode[] => {
      const condition = conditionOf(node, schema, on);
      if (!condition) return [node];
      const isStep = isObjectType(condition) || places.every((place) => planned.canCast(place, condition.name));
      const common = possibleRuntimeTypes(on).filter((type) => possibleRuntimeTypes(condition).includes(type));
      const within = (type: CompositeType, next: number) => {
        const casts = places.flatMap((place) => ways.placesFor(place, type));
        return spreadSet(node.selectionSet, type, casts, next);
      };
      if (!changes || isStep || node.directives?.length) {
        return [{ ...node, selectionSet: within(condition, together * (isStep ? 1 : Math.max(1, common.length))) }];
      }
      return eachOf(common, node, (one) => within(one, 1).selections);
    };

    const eachOf = (
      types: readonly ObjectType[],
      node: SelectionNode,
      selections: (type: ObjectType) => readonly SelectionNode[],
    ): readonly SelectionNode[] => {
      made += types.length;
      isDeferredTwice ||= hasDefer(node);
      return types.map((type) => onType(type.name, selections(type)));
    };

    const changed = withSelections(document, schema, (set, root) => spreadSet(set, root, ways.verticesOf(root), 1));
    const isWhole = made <= MAX_FRAGMENTS;
    if (made === 0) return { document, isWhole, combinations };
    return { document: isDeferredTwice ? withoutDefer(changed) : changed, isWhole, combinations };
  };

  return (document, isNeeded) => {
    const { combinations } = spread(document, false);
    if (!isNeeded && combinations <= MAX_COMBINATIONS) return document;
    const { document: changed, isWhole } = spread(document, true);
    if (isWhole) return changed;
    return combinations > TOO_MANY_COMBINATIONS ? undefined : document;
  };
}

/** What is known of a field of an interface before it is planned. */
interface Estimate {
  /** That the planner asks one by one, since the interface does not have the field where it is found; 1 otherwise. */
  readonly types: number;
  /** Ways of one of them, times those of the next, and so on. */
  readonly product: number;
}

/** Counts the ways that keys open, whether or not what they depend on can be had: at least as many as the planner makes. */
function createWayEstimate(planned: PlannerGraph) {
  const { graph } = planned;

  const waysOf = memoised((place: Vertex, field: string): number => {
    const sources = new Set<string>();
    for (const { transition, tail } of graph.outEdges(place)) {
      if (transition.kind === "KeyResolution" && planned.fieldsFrom(tail, field).length > 0) sources.add(tail.source);
    }
    return Math.max(1, sources.size + (planned.fieldsFrom(place, field).length > 0 ? 1 : 0));
  });

  const ofPlace = memoised((place: Vertex, field: string): Estimate => {
    const [edge] = planned.fieldsFrom(place, field);
    // What is a leaf, or leads to nothing that others know more of, is taken where it is.
    if (edge && !edge.tail.hasReachableCrossSubgraphEdges) return ONE;
    return highest([ofTypes(place, field), ...keysTo(place).map((entered) => ofTypes(entered, field))]);
  });

  /** The same interface in other subgraphs, for one of these or for what a subgraph holds as an object. */
  const keysTo = (place: Vertex): readonly Vertex[] =>
    graph
      .outEdges(place)
      .filter(({ transition, tail }) => transition.kind === "KeyResolution" && isInterfaceType(tail.type))
      .map(({ tail }) => tail);

  const ofTypes = (place: Vertex, field: string): Estimate => {
    if (!isInterfaceType(place.type)) return { types: 1, product: waysOf(place, field) };
    const each = place.type.possibleRuntimeTypes().map(({ name }) => planned.castFrom(place, name));
    const product = each.reduce((all, vertex) => all * (vertex ? waysOf(vertex, field) : 1), 1);
    const isOnInterface = planned.fieldsFrom(place, field).length > 0;
    return isOnInterface && product === 1 ? ONE : { types: Math.max(1, each.length), product };
  };

  return {
    estimate: (places: readonly Vertex[], field: string): Estimate =>
      highest(places.map((place) => ofPlace(place, field))),
    verticesOf: (type: CompositeType): readonly Vertex[] => graph.verticesForType(type.name),
    /** Where a field of the type may lead to, in whatever subgraph. */
    placesOf: memoised((type: CompositeType, field: string): readonly Vertex[] => {
      const parents = isObjectType(type) ? [type] : [type, ...possibleRuntimeTypes(type)];
      const vertices = parents.flatMap(({ name }) => graph.verticesForType(name));
      return [...new Set(vertices.flatMap((vertex) => planned.fieldsFrom(vertex, field).map(({ tail }) => tail)))];
    }),
    /** Where a fragment with the type condition may lead to. */
    placesFor: (place: Vertex, type: CompositeType): readonly Vertex[] => {
      if (isObjectType(place.type) || place.type.name === type.name) return [place];
      const cast = planned.castFrom(place, type.name);
      if (cast) return [cast];
      return possibleRuntimeTypes(type).flatMap(({ name }) => planned.castFrom(place, name) ?? []);
    },
  };
}

const ONE: Estimate = { types: 1, product: 1 };

const highest = (all: readonly Estimate[]): Estimate => ({
  types: Math.max(1, ...all.map(({ types }) => types)),
  product: Math.max(1, ...all.map(({ product }) => product)),
});

function memoised<K extends object, T>(make: (key: K, name: string) => T): (key: K, name: string) => T {
  const known = new Map<K, Map<string, T>>();
  return (key, name) => {
    const byName = known.get(key) ?? new Map<string, T>();
    known.set(key, byName);
    const found = byName.get(name) ?? make(key, name);
    byName.set(name, found);
    return found;
  };
}
