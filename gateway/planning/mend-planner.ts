import {
  baseType,
  type CompositeType,
  federationMetadata,
  isCompositeType,
  SelectionSet,
} from "@apollo/federation-internals";
import { type OpPathTree, PathTree } from "@apollo/query-graphs";

/**
 * Puts two mistakes of @apollo/query-planner 2.14 right, in its own classes and for the whole process. Both make plans that are wrong without a
 * word: docs/differential.md tells how they were found, `mend-planner.test.ts` what they do.
 */
export function mendPlanner(): void {
  if (isMended) return;
  isMended = true;
  keepLocalSelections();
  leaveExternalFields();
}

let isMended = false;

/**
 * A tree of paths holds the selections that are fetched whole where a path ends. Where one of two trees ends and the other goes on, putting
 * them together forgets what the one wanted there: a field of the client, or something that a field requires.
 */
function keepLocalSelections(): void {
  const { merge } = PathTree.prototype;
  PathTree.prototype.merge = function (this: OpPathTree, other: OpPathTree): OpPathTree {
    const merged = merge.call(this, other) as OpPathTree;
    if (this === other || !(this.isLeaf() || other.isLeaf())) return merged;
    const localSelections = [...(this.localSelections ?? []), ...(other.localSelections ?? [])];
    if (localSelections.length === (merged.localSelections?.length ?? 0)) return merged;
    return Object.assign(Object.create(PathTree.prototype) as OpPathTree, merged, { localSelections });
  } as typeof merge;
}

/**
 * The planner saves a fetch where a subgraph that is asked before could be asked for the same; that the subgraph only declares a field, to
 * require it, is no reason for it not to. So the inputs of a chain of `@requires` were asked of who cannot give them.
 */
function leaveExternalFields(): void {
  const { canRebaseOn } = SelectionSet.prototype;
  SelectionSet.prototype.canRebaseOn = function (this: SelectionSet, type: CompositeType): boolean {
    return canRebaseOn.call(this, type) && !holdsExternal(this, type);
  };
}

/** @param type of a subgraph; of the supergraph nothing is external */
function holdsExternal(set: SelectionSet, type: CompositeType): boolean {
  const metadata = federationMetadata(type.schema());
  if (!metadata) return false;
  return set.selections().some((selection) => {
    if (selection.kind === "FragmentSelection") {
      const { typeCondition } = selection.element;
      const on = typeCondition ? type.schema().type(typeCondition.name) : type;
      return on !== undefined && isCompositeType(on) && holdsExternal(selection.selectionSet, on);
    }
    const field = type.field(selection.element.name);
    if (!field) return false;
    if (metadata.isFieldExternal(field)) return true;
    const below = baseType(field.type as Parameters<typeof baseType>[0]);
    return (
      selection.selectionSet !== undefined && isCompositeType(below) && holdsExternal(selection.selectionSet, below)
    );
  });
}
