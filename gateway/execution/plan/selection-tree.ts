import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from "graphql";
import type { FetchDataRewrite } from "@apollo/query-planner";

/**
 * What a fetch may give at one place, by response key; a leaf has no fields. Type conditions are left out: a key that is there for one
 * type only is simply missing from objects of the others.
 */
export interface SelectionTree {
  readonly fields: ReadonlyMap<string, SelectionTree>;
}

interface GrowingTree {
  readonly fields: Map<string, GrowingTree>;
}

/** @param set a selection set whose fragments are all in place */
export function selectionTree(set: SelectionSetNode, rewrites: readonly FetchDataRewrite[] = []): SelectionTree {
  const tree: GrowingTree = { fields: new Map() };
  grow(tree, set);
  for (const rewrite of rewrites) {
    if (rewrite.kind === "KeyRenamer") rename(tree, rewrite.path.filter(isKey), rewrite.renameKeyTo);
  }
  return tree;
}

function grow(tree: GrowingTree, set: SelectionSetNode): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FRAGMENT_SPREAD) throw new Error("a fetch's fragments must be in place");
    if (node.kind === Kind.INLINE_FRAGMENT) {
      grow(tree, node.selectionSet);
      continue;
    }
    const key = node.alias?.value ?? node.name.value;
    const child = tree.fields.get(key) ?? { fields: new Map() };
    tree.fields.set(key, child);
    if (node.selectionSet) grow(child, node.selectionSet);
  }
}

/** By the key of an answer that an output rewrite gives another name: that name. Such keys are the planner's own. */
export const renamedKeys = (rewrites: readonly FetchDataRewrite[] = []): ReadonlyMap<string | number, string> =>
  new Map(rewrites.flatMap((one) => (one.kind === "KeyRenamer" ? [[one.path.at(-1) ?? "", one.renameKeyTo]] : [])));

/** Where an output rewrite gives a key another name, the tree knows both. */
function rename(tree: GrowingTree, path: readonly string[], to: string): void {
  const [key, ...rest] = path;
  const child = key === undefined ? undefined : tree.fields.get(key);
  if (!child) return;
  if (rest.length > 0) return rename(child, rest, to);
  const renamed = tree.fields.get(to) ?? { fields: new Map() };
  tree.fields.set(to, renamed);
  add(renamed, child);
}

function add(tree: GrowingTree, other: SelectionTree): void {
  for (const [key, field] of other.fields) {
    const known = tree.fields.get(key) ?? { fields: new Map() };
    tree.fields.set(key, known);
    add(known, field);
  }
}

const isKey = (segment: string) => !segment.startsWith("... on ") && segment !== "@" && segment !== "..";

/** Puts every named fragment in its place. https://spec.graphql.org/October2021/#sec-Language.Fragments */
export function inlineFragments(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): OperationDefinitionNode {
  const inline = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.map((node) => {
      if (node.kind === Kind.FIELD)
        return node.selectionSet ? { ...node, selectionSet: inline(node.selectionSet) } : node;
      if (node.kind === Kind.INLINE_FRAGMENT) return { ...node, selectionSet: inline(node.selectionSet) };
      const fragment = fragments.get(node.name.value);
      if (!fragment) throw new Error(`the fragment "${node.name.value}" is not defined`);
      return {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: fragment.typeCondition,
        directives: node.directives ?? [],
        selectionSet: inline(fragment.selectionSet),
      };
    }),
  });
  return fragments.size === 0 ? operation : { ...operation, selectionSet: inline(operation.selectionSet) };
}
