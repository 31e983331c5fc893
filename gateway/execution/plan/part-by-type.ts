import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { Selection } from "../../operation/output-fields";
import { OWN_KEY, type RequiredObjects } from "../../operation/required-objects";
import { withEntitySelection } from "../../planning/part-representations";
import { type PlacedFetch, replaceFetches } from "../../planning/replace-fetches";
import type { SupergraphTypes } from "../layout/supergraph-types";
import { renamedKeys } from "./selection-tree";

export interface PartingOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly types: SupergraphTypes;
  readonly rootType: GraphQLObjectType;
  readonly selection: Selection;
  readonly required: Pick<RequiredObjects, "fallible" | "computed" | "keys">;
}

/** Beyond as many fetches in place of one it stays as it is: what would be lost without is rare, and calls are dear. */
const MAX_PARTS = 12;

/**
 * Takes fetches apart that ask objects for what only objects of other types are to be asked for: in
 * `media { ... on Film { maker { name } } ... on Song { maker { rank } } }` the planner asks all makers for both. Where a rank is never null and
 * fails, the name would be lost with it. So the makers of films and of songs are asked apart: `media.@|[Film].maker` is the way to the
 * former. The same goes for objects that the subgraph itself cannot tell apart, as it knows them as an interface object.
 *
 * Only what can do harm is kept apart: what is never null and neither a key nor required, and what is computed from something that the others
 * are not asked for, so that the subgraph could not be told it. Nearly all plans stay as they are.
 */
export function partByType(plan: QueryPlan, options: PartingOptions): QueryPlan {
  let needed: ReadonlySet<string> | undefined;
  return replaceFetches(plan, (placed) => {
    const { requires, operation } = placed.fetch;
    const { fallible, computed } = options.required;
    const isHarmless = !requires || !operation.match(/\w+/g)?.some((name) => fallible.has(name) || computed.has(name));
    return isHarmless ? [placed] : partFetch(placed, (needed ??= namesNeeded(plan)), options);
  });
}

/** What the client asks of objects at a place. */
interface Place {
  readonly selection: Selection;
  readonly type: GraphQLNamedType;
}

/** Objects of one type at a place. */
interface Kindred {
  readonly selection: Selection;
  readonly type: GraphQLObjectType;
}

/** Objects of a fetch that are to be asked alike. */
interface Branch {
  /** Types of the objects on the way, by the length of the path to them. */
  readonly conditions: readonly { readonly depth: number; readonly names: readonly string[] }[];
  /** Which of the fetch's fields they are not asked for, as text. */
  readonly without: string;
}

const EVERYTHING = "";

function partFetch(placed: PlacedFetch, needed: ReadonlySet<string>, options: PartingOptions): readonly PlacedFetch[] {
  const { schema, types, selection, rootType } = options;
  const path = placed.path.map(String);
  const possible = (type: GraphQLNamedType): readonly GraphQLObjectType[] =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
  const isAsked = ({ name }: GraphQLObjectType): boolean =>
    placed.fetch.requires?.some(
      (node) =>
        node.kind === "InlineFragment" &&
        (node.typeCondition === undefined || types.namesUnder(node.typeCondition).has(name)),
    ) ?? false;
  const root: Place = { selection, type: rootType };

  const ends = endsOf(root, path, possible).flatMap(({ selection: asked, type }) =>
    possible(type)
      .filter(isAsked)
      .map((one): Kindred => ({ selection: asked, type: one })),
  );
  if (ends.length < 2) return [placed];
  const document = parse(placed.fetch.operation, { noLocation: true });
  const wanted = createWanted(placed.fetch, document, needed, { ...options, possible });
  if (!wanted.isContested(ends)) return [placed];

  const known = new Map<Selection, Map<string, readonly Branch[]>>();
  let isTooMuch = false;

  /** @returns nothing where the client asks nothing of these objects */
  const branch = (place: Place, depth: number): readonly Branch[] => {
    const key = `${depth} ${place.type.name}`;
    const found = known.get(place.selection)?.get(key) ?? branchAnew(place, depth);
    known.set(place.selection, (known.get(place.selection) ?? new Map<string, readonly Branch[]>()).set(key, found));
    return found;
  };

  const branchAnew = ({ selection: asked, type }: Place, depth: number): readonly Branch[] => {
    if (path[depth] === "@") return branch({ selection: asked, type }, depth + 1);
    const outcomes = new Map<string, { readonly branches: readonly Branch[]; readonly names: string[] }>();
    for (const one of possible(type)) {
      const branches = branchesOf({ selection: asked, type: one }, depth);
      if (branches.length === 0) continue;
      const text = JSON.stringify(branches);
      const outcome = outcomes.get(text) ?? { branches, names: [] };
      outcomes.set(text, outcome);
      outcome.names.push(one.name);
    }
    const all = [...outcomes.values()];
    if (all.length === 1) return all[0]?.branches ?? [];
    const parts = all.flatMap(({ branches, names }) =>
      branches.map(({ conditions, without }) => ({ conditions: [{ depth, names }, ...conditions], without })),
    );
    isTooMuch ||= parts.length > MAX_PARTS;
    return isTooMuch ? parts.slice(0, 1) : parts;
  };

  const branchesOf = (kindred: Kindred, depth: number): readonly Branch[] => {
    const segment = path[depth];
    if (segment === undefined) {
      return isAsked(kindred.type) ? [{ conditions: [], without: wanted.without(kindred) }] : [];
    }
    const below = placeBelow(kindred, segment);
    if (below) return branch(below, depth + 1);
    // What the client does not ask for may be required all the same.
    return needed.has(segment) ? [{ conditions: [], without: EVERYTHING }] : [];
  };

  const branches = branch(root, 0);
  if (isTooMuch || new Set(branches.map(({ without }) => without)).size < 2) return [placed];
  return branches.flatMap(({ conditions, without }): readonly PlacedFetch[] => {
    const fetch = wanted.fetchWithout(without);
    if (!fetch) return [];
    const segments = path.map((segment, i) => {
      const names = conditions.find(({ depth }) => depth === i + 1)?.names;
      return names ? `${segment}|[${names.join(",")}]` : segment;
    });
    return [{ fetch, path: segments }];
  });
}

type Possible = (type: GraphQLNamedType) => readonly GraphQLObjectType[];

function placeBelow({ selection, type }: Kindred, key: string): Place | undefined {
  const field = selection.fieldsOf(type).find((one) => one.key === key);
  return field?.definition && field.selection
    ? { selection: field.selection, type: getNamedType(field.definition.type) }
    : undefined;
}

/** Every place to which a path can lead. */
function endsOf(root: Place, path: readonly string[], possible: Possible): readonly Place[] {
  let places: readonly Place[] = [root];
  for (const segment of path) {
    if (segment === "@") continue;
    const next = new Map<Selection, Map<GraphQLNamedType, Place>>();
    for (const { selection, type } of places) {
      for (const one of possible(type)) {
        const below = placeBelow({ selection, type: one }, segment);
        if (!below) continue;
        const byType = next.get(below.selection) ?? new Map<GraphQLNamedType, Place>();
        next.set(below.selection, byType.set(below.type, below));
      }
    }
    places = [...next.values()].flatMap((byType) => [...byType.values()]);
  }
  return places;
}

/** Compares what a fetch asks with what the client wants. */
function createWanted(
  fetch: FetchNode,
  document: DocumentNode,
  needed: ReadonlySet<string>,
  { types, required: { fallible, computed, keys }, possible }: PartingOptions & { readonly possible: Possible },
) {
  /** The fields that the client wants of somebody. */
  const wantedOfAny = new Set<FieldNode>();
  const numbers = new Map<FieldNode, number>();
  const unwanted = new Map<Selection, Map<GraphQLObjectType, readonly FieldNode[]>>();
  const renamed = renamedKeys(fetch.outputRewrites);

  /** Of a name in representations: whether it says who the entity is. */
  const isKey = (name: string): boolean => name === "__typename" || keys.has(name);
  const tellsMoreThanKeys = (fetch.requires ?? []).some(({ selections }) =>
    selections?.some((told) => told.kind === "Field" && !isKey(told.name)),
  );

  /** What the subgraph has to be told for what is selected. */
  const requiresOf = (set: SelectionSetNode): FetchNode["requires"] => {
    const names = new Set(fieldsIn(set).flatMap(({ name }) => [...(computed.get(name.value) ?? [])]));
    const isTold = (node: QueryPlanSelectionNode): boolean =>
      node.kind !== "Field" || isKey(node.name) || names.has(node.name) || OWN_KEY.test(node.alias ?? node.name);
    return fetch.requires?.map((node) =>
      node.kind === "Field" ? node : { ...node, selections: node.selections.filter(isTold) },
    );
  };

  const isFallible = ({ name }: FieldNode, kindred: readonly Kindred[]): boolean =>
    fallible.has(name.value) && kindred.some(({ type }) => isNonNullType(type.getFields()[name.value]?.type));

  const isComputed = ({ name }: FieldNode): boolean => computed.has(name.value) && tellsMoreThanKeys;

  /** @param isTop whether these are fields of the entities themselves */
  const compare = (set: SelectionSetNode, kindred: readonly Kindred[], into: FieldNode[], isTop: boolean): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const on = node.typeCondition?.name.value;
        const within = on === undefined ? kindred : kindred.filter(({ type }) => types.namesUnder(on).has(type.name));
        if (within.length > 0) compare(node.selectionSet, within, into, isTop);
      }
      if (node.kind !== Kind.FIELD || node.name.value === "__typename") continue;
      const own = (node.alias ?? node.name).value;
      const key = renamed.get(own) ?? own;
      const fields = kindred.flatMap(
        ({ selection, type }) => selection.fieldsOf(type).find((one) => one.key === key) ?? [],
      );
      if (fields.length === 0) {
        const isHarmful = isFallible(node, kindred) || (isTop && isComputed(node));
        if (isHarmful && !needed.has(key)) into.push(node);
        continue;
      }
      wantedOfAny.add(node);
      const below = fields.flatMap(({ selection, definition }) =>
        selection && definition ? possible(getNamedType(definition.type)).map((type) => ({ selection, type })) : [],
      );
      if (node.selectionSet) compare(node.selectionSet, below, into, false);
    }
  };

  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [entities] = operation?.selectionSet.selections ?? [];
  const selected = entities?.kind === Kind.FIELD ? entities.selectionSet : undefined;

  const unwantedOf = ({ selection, type }: Kindred): readonly FieldNode[] => {
    const byType = unwanted.get(selection) ?? new Map<GraphQLObjectType, readonly FieldNode[]>();
    unwanted.set(selection, byType);
    const found = byType.get(type);
    if (found) return found;
    const nodes: FieldNode[] = [];
    if (selected) compare(selected, [{ selection, type }], nodes, true);
    byType.set(type, nodes);
    return nodes;
  };

  const numberOf = (node: FieldNode): number => {
    const number = numbers.get(node) ?? numbers.size;
    numbers.set(node, number);
    return number;
  };

  const without = (kindred: Kindred): string =>
    unwantedOf(kindred)
      .filter((node) => wantedOfAny.has(node))
      .map(numberOf)
      .join(",");

  return {
    /** Whether some are asked for what does harm and only others are to be asked for. Begins with all, so that it is known what others want. */
    isContested: (all: readonly Kindred[]): boolean => {
      for (const one of all) unwantedOf(one);
      return all.some((one) => without(one) !== EVERYTHING);
    },
    without,
    /** @returns undefined when nothing is left to ask for */
    fetchWithout: (text: string): FetchNode | undefined => {
      if (text === EVERYTHING) return fetch;
      const leftOut = new Set(text.split(",").map(Number));
      const isLeftOut = (node: FieldNode) => leftOut.has(numbers.get(node) ?? -1);
      const left = selected && leaveOut(selected, isLeftOut);
      if (!left || left.selections.length === 0) return undefined;
      return { ...withEntitySelection(fetch, document, () => left), requires: requiresOf(left) };
    },
  };
}

/** Of an object, whatever its type. */
const fieldsIn = ({ selections }: SelectionSetNode): readonly FieldNode[] =>
  selections.flatMap((node) => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return [];
    return node.kind === Kind.FIELD ? [node] : fieldsIn(node.selectionSet);
  });

/** An object of which nothing is left to ask is still asked whether it is there. */
const leaveOut = (set: SelectionSetNode, isLeftOut: (node: FieldNode) => boolean): SelectionSetNode => ({
  ...set,
  selections: set.selections.flatMap((node): SelectionNode[] => {
    if (node.kind === Kind.FIELD && isLeftOut(node)) return [];
    if (node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet) return [node];
    const selectionSet = leaveOut(node.selectionSet, isLeftOut);
    if (selectionSet.selections.length > 0) return [{ ...node, selectionSet }];
    return node.kind === Kind.FIELD ? [{ ...node, selectionSet: { ...selectionSet, selections: [TYPENAME] } }] : [];
  }),
});

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/** Names of everything that some fetch is told, in its representations or from a context. */
function namesNeeded(plan: QueryPlan): ReadonlySet<string> {
  const names = new Set<string>();
  const addAll = (selections: readonly QueryPlanSelectionNode[]): void => {
    for (const node of selections) {
      if (node.kind === "Field") names.add(node.alias ?? node.name);
      addAll(node.selections ?? []);
    }
  };
  replaceFetches(plan, (placed) => {
    addAll(placed.fetch.requires ?? []);
    for (const { path } of placed.fetch.contextRewrites ?? []) for (const segment of path) names.add(segment);
    return [placed];
  });
  return names;
}
