import { MapWithCachedArrays, type OperationPath, type SelectionSet } from "@apollo/federation-internals";
import type { FetchDataRewrite } from "@apollo/query-planner";

/** As much of a group of selections, which becomes one fetch, as is mended here. The planner does not export its class. */
export interface FetchGroup {
  readonly dependencyGraph: FetchGraph;
  /** Whether representations are sent. */
  readonly isEntityFetch: boolean;
  /** Where its objects are in the answer. */
  readonly mergeAt?: readonly string[];
  parents(): readonly Parent[];
  children(): readonly FetchGroup[];
  isParentOf(child: FetchGroup): boolean;
  addParent(parent: Parent): void;
  addParents(parents: readonly Parent[]): void;
  removeChild(child: FetchGroup): void;
  /** Whether it asks for nothing but what it is told. */
  isUseless(): boolean;
  /** Leaves a useless group out; what waited for it waits for this one. */
  removeUselessChild(child: FetchGroup): void;
  mergeInWithAllDependencies(other: FetchGroup): void;
  /** What is sent, once the group is complete. */
  finalizeSelection(...given: unknown[]): FinalSelection;
}

/** What a group waits for. */
export interface Parent {
  readonly group: FetchGroup;
  /** From the parent's objects to those of the group, where it is known. */
  readonly path?: OperationPath | null | undefined;
}

/** All groups of one plan. */
export interface FetchGraph {
  dfsRemoveRedundantEdges(from: FetchGroup): void;
  /** In the group and all that waits for it. */
  removeUselessGroups(from: FetchGroup): void;
  /** A group that nothing else waits for alone. */
  remove(group: FetchGroup): void;
}

export interface FinalSelection {
  readonly selection: SelectionSet;
  /** In the order in which answers are rewritten. */
  readonly outputRewrites: readonly FetchDataRewrite[];
}

/** They are in place, or will be with the first group. */
const known = new Set<Change>();

type Change = (prototype: FetchGroup, graph: FetchGraph) => void;

/**
 * Changes the classes of groups and of their graphs as soon as there is one, before they do anything, once for the whole process. Every graph of fetches begins with the group of a
 * root, which the planner puts into a map.
 */
export function changeGroups(change: Change): void {
  if (known.has(change)) return;
  known.add(change);
  const prototype = MapWithCachedArrays.prototype as MapWithCachedArrays<unknown, unknown>;
  const { set } = prototype;
  prototype.set = function (this: typeof prototype, key: unknown, value: unknown) {
    if (isFetchGroup(value)) {
      prototype.set = set;
      change(Object.getPrototypeOf(value) as FetchGroup, Object.getPrototypeOf(value.dependencyGraph) as FetchGraph);
    }
    return set.call(this, key, value);
  };
}

const isFetchGroup = (value: unknown): value is FetchGroup =>
  typeof value === "object" && value !== null && "dependencyGraph" in value && "mergeInWithAllDependencies" in value;
