import {
  baseType,
  type CompositeType,
  federationMetadata,
  type FederationMetadata,
  isCompositeType,
  isUnionType,
  SelectionSet,
} from "@apollo/federation-internals";
import { type OpPathTree, PathTree } from "@apollo/query-graphs";
import { type DocumentNode, Kind } from "graphql";

/**
 * Puts mistakes of @apollo/query-planner 2.14 right, in its own classes and for the whole process. They make plans that are wrong without a
 * word: docs/differential.md tells how they were found, `mend-planner.test.ts` what they do.
 */
export function mendPlanner(): void {
  if (isMended) return;
  isMended = true;
  keepLocalSelections();
  keepRequirementsApart();
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

/** Whether the operation that is planned now has a chain of `@requires`. */
let isChained = false;

/**
 * The planner saves a fetch where a subgraph that is asked before could be asked for the same. It saves wrongly where that subgraph only declares a field that others
 * know, be it for a context or for `@requires`; and with a chain of `@requires` what it computes is asked of it before it is told what the computation requires. Then it
 * must not look whether it could: fetches that turn out to give nothing are left out of the plan at its end anyway.
 */
function keepRequirementsApart(): void {
  const { canRebaseOn } = SelectionSet.prototype;
  SelectionSet.prototype.canRebaseOn = function (this: SelectionSet, type: CompositeType): boolean {
    return !isChained && canRebaseOn.call(this, type) && !isOnlyDeclared(this, type);
  };
}

/** Whether a selection made for one subgraph holds what the subgraph of this type has as `@external`. */
function isOnlyDeclared(set: SelectionSet, type: CompositeType): boolean {
  const [own, other] = [set.parentType.schema(), type.schema()];
  const metadata = federationMetadata(other);
  return (
    own !== other &&
    metadata !== undefined &&
    federationMetadata(own) !== undefined &&
    holdsExternal(set, type, metadata)
  );
}

function holdsExternal(set: SelectionSet, type: CompositeType, metadata: FederationMetadata): boolean {
  return set.selections().some((selection) => {
    const { selectionSet } = selection;
    if (selection.kind === "FragmentSelection") {
      const { typeCondition } = selection.element;
      const condition = typeCondition ? type.schema().type(typeCondition.name) : type;
      return condition && isCompositeType(condition) && holdsExternal(selection.selectionSet, condition, metadata);
    }
    const field = isUnionType(type) ? undefined : type.field(selection.element.name);
    if (!field?.type) return false;
    if (metadata.isFieldExternal(field)) return true;
    const below = baseType(field.type);
    return selectionSet !== undefined && isCompositeType(below) && holdsExternal(selectionSet, below, metadata);
  });
}

/** Plans one operation, which has a chain of `@requires` or has none. */
export function withChain<T>(has: boolean, plan: () => T): T {
  isChained = has;
  try {
    return plan();
  } finally {
    isChained = false;
  }
}

/** @returns the names of fields that require a field that requires something itself */
export function readChainedFields(supergraph: DocumentNode): ReadonlySet<string> {
  /** By the name of a field: every name in what it requires. */
  const required = new Map<string, readonly string[]>();
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const { name, directives } of node.fields ?? []) {
      for (const directive of directives ?? []) {
        const requires = directive.arguments?.find((one) => one.name.value === "requires")?.value;
        if (directive.name.value !== "join__field" || requires?.kind !== Kind.STRING) continue;
        required.set(name.value, [...(required.get(name.value) ?? []), ...(requires.value.match(/\w+/g) ?? [])]);
      }
    }
  }
  const isComputed = (name: string) => required.has(name);
  return new Set([...required].filter(([, names]) => names.some(isComputed)).map(([name]) => name));
}
