import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import { readFieldSet, type Spelling } from "./spell-requirements";

type Spellings = ReadonlyMap<string, Spelling>;

/** For each spelling in what a field requires the path of real names to it, with the name that stands for it. */
type Needs = ReadonlyMap<string, string>;

/** @returns what the field of a type needs in a subgraph; nothing for most */
export type Requirements = (subgraph: string, type: string, field: string) => SelectionSetNode | undefined;

/** Reads `@requires` out of a supergraph, where it is an argument of `@join__field`. */
export function readRequirements(supergraph: DocumentNode): Requirements {
  const subgraphs = new Map<string, string>();
  const found = new Map<string, SelectionSetNode>();
  const related = new Map<string, Set<string>>();
  const relate = (one: string, other: string) => related.set(one, (related.get(one) ?? new Set([one])).add(other));
  for (const node of supergraph.definitions) {
    if (node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === "join__Graph") {
      for (const { name, directives } of node.values ?? []) {
        const given = directives?.[0]?.arguments?.find((one) => one.name.value === "name")?.value;
        if (given?.kind === Kind.STRING) subgraphs.set(name.value, given.value);
      }
    }
  }
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const { name } of node.interfaces ?? []) {
      relate(node.name.value, name.value);
      relate(name.value, node.name.value);
    }
    for (const field of node.fields ?? []) {
      for (const { name, arguments: given = [] } of field.directives ?? []) {
        if (name.value !== "join__field") continue;
        const graph = given.find((one) => one.name.value === "graph")?.value;
        const requires = given.find((one) => one.name.value === "requires")?.value;
        if (graph?.kind !== Kind.ENUM || requires?.kind !== Kind.STRING) continue;
        const subgraph = subgraphs.get(graph.value) ?? graph.value;
        found.set(`${subgraph} ${node.name.value}.${field.name.value}`, readFieldSet(requires.value));
      }
    }
  }
  return (subgraph, type, field) => {
    for (const one of related.get(type) ?? [type]) {
      const requires = found.get(`${subgraph} ${one}.${field}`);
      if (requires) return requires;
    }
    return undefined;
  };
}

/**
 * A representation has one place for a field, and a fetch can ask for fields that require different spellings of it: then it is
 * taken apart into fetches of the same objects, each with the fields that agree.
 *
 * @param fetch of entities, with the names of `spellRequirements`
 * @returns the fetch itself when its fields agree, as nearly always
 */
export function partRepresentations(
  fetch: FetchNode,
  requirements: Requirements,
  spellings: Spellings,
): readonly FetchNode[] {
  if (!isContradictory(fetch.requires ?? [], spellings)) return [fetch];
  const document = parse(fetch.operation, { noLocation: true });
  const groups: { readonly needs: Map<string, string>; readonly names: Set<string> }[] = [];
  const groupOf = (type: string, field: string): number => {
    const required = requirements(fetch.serviceName, type, field);
    const needs = required ? needsOf(required, spellings) : new Map<string, string>();
    if (needs.size === 0) return 0;
    const agrees = (group: { readonly needs: Needs }) =>
      [...needs].every(([path, name]) => (group.needs.get(path) ?? name) === name);
    let index = groups.findIndex(agrees);
    if (index < 0) index = groups.push({ needs: new Map(), names: new Set() }) - 1;
    for (const [path, name] of needs) {
      groups[index]?.needs.set(path, name);
      groups[index]?.names.add(name);
    }
    return index;
  };
  const sets = new Map<FieldNode, number>();
  forEachEntityField(document, (type, node) => void sets.set(node, groupOf(type, node.name.value)));
  if (groups.length < 2) return [fetch];
  const all = new Set(groups.flatMap(({ needs }) => [...needs.keys()]));
  return groups.map(({ needs }, index) =>
    withFields(fetch, document, {
      isOwn: (node) => sets.get(node) === index,
      isNeeded: (path, name) => !all.has(path) || needs.get(path) === name,
      spellings,
    }),
  );
}

/** Whether a representation would need two values at one place. */
function isContradictory(requires: readonly QueryPlanSelectionNode[], spellings: Spellings): boolean {
  const names = new Map<string, string>();
  const look = (selections: readonly QueryPlanSelectionNode[], above: string): boolean =>
    selections.some((node) => {
      if (node.kind === "InlineFragment") return look(node.selections, above);
      const path = `${above}.${spellings.get(node.name)?.field ?? node.name}`;
      if ((names.get(path) ?? node.name) !== node.name) return true;
      names.set(path, node.name);
      return look(node.selections ?? [], path);
    });
  return look(requires, "");
}

function needsOf(requires: SelectionSetNode, spellings: Spellings): Needs {
  const needs = new Map<string, string>();
  const look = (set: SelectionSetNode, above: string): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.INLINE_FRAGMENT) look(node.selectionSet, above);
      if (node.kind !== Kind.FIELD) continue;
      const spelling = spellings.get(node.name.value);
      const path = `${above}.${spelling?.field ?? node.name.value}`;
      if (spelling) needs.set(path, node.name.value);
      if (node.selectionSet) look(node.selectionSet, path);
    }
  };
  look(requires, "");
  return needs;
}

/** Every field that is asked of the entities themselves, with the type that it is asked of. */
function forEachEntityField(document: DocumentNode, visitField: (type: string, node: FieldNode) => void): void {
  const look = (set: SelectionSetNode, on: string): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) visitField(on, node);
      if (node.kind === Kind.INLINE_FRAGMENT) look(node.selectionSet, node.typeCondition?.name.value ?? on);
    }
  };
  for (const node of document.definitions) {
    const [entities] = node.kind === Kind.OPERATION_DEFINITION ? node.selectionSet.selections : [];
    if (entities?.kind === Kind.FIELD && entities.selectionSet) look(entities.selectionSet, "_Entity");
  }
}

/** One part of a fetch: of its fields those that are its own, of its representations what these need. */
function withFields(
  fetch: FetchNode,
  document: DocumentNode,
  {
    isOwn,
    isNeeded,
    spellings,
  }: {
    readonly isOwn: (node: FieldNode) => boolean;
    readonly isNeeded: (path: string, name: string) => boolean;
    readonly spellings: Spellings;
  },
): FetchNode {
  const keep = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((node): SelectionNode[] => {
      if (node.kind !== Kind.INLINE_FRAGMENT) return node.kind === Kind.FIELD && isOwn(node) ? [node] : [];
      const selectionSet = keep(node.selectionSet);
      return selectionSet.selections.length > 0 ? [{ ...node, selectionSet }] : [];
    }),
  });
  const keepRequired = (selections: readonly QueryPlanSelectionNode[], above: string): QueryPlanSelectionNode[] =>
    selections.flatMap((node): QueryPlanSelectionNode[] => {
      if (node.kind === "InlineFragment") return [{ ...node, selections: keepRequired(node.selections, above) }];
      const path = `${above}.${spellings.get(node.name)?.field ?? node.name}`;
      if (spellings.has(node.name) && !isNeeded(path, node.name)) return [];
      return [node.selections ? { ...node, selections: keepRequired(node.selections, path) } : node];
    });
  const own = withEntitySelection(fetch, document, keep);
  return { ...own, requires: keepRequired(fetch.requires ?? [], "") };
}

/**
 * The same fetch of entities with another selection, and nothing that this has no use for.
 * @param document the fetch's operation
 */
export function withEntitySelection(
  fetch: FetchNode,
  document: DocumentNode,
  change: (selected: SelectionSetNode) => SelectionSetNode,
): FetchNode {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)!;
  const [entities] = operation.selectionSet.selections as readonly [FieldNode];
  const selections = [{ ...entities, selectionSet: change(entities.selectionSet!) }];
  const used = new Set<string>();
  visit({ ...operation.selectionSet, selections }, { Variable: ({ name }) => void used.add(name.value) });
  const own: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
    selectionSet: { ...operation.selectionSet, selections },
  };
  return {
    ...fetch,
    operation: stripIgnoredCharacters(print(own)),
    ...(fetch.variableUsages ? { variableUsages: fetch.variableUsages.filter((name) => used.has(name)) } : {}),
    ...(fetch.contextRewrites
      ? { contextRewrites: fetch.contextRewrites.filter(({ renameKeyTo }) => used.has(renameKeyTo)) }
      : {}),
  };
}
