import { MapWithCachedArrays, type SelectionSet } from "@apollo/federation-internals";
import type { FetchDataRewrite } from "@apollo/query-planner";

/** As much of a group of selections, which becomes one fetch, as is mended here. The planner does not export its class. */
export interface FetchGroup {
  readonly dependencyGraph: object;
  parents(): readonly { readonly group: FetchGroup }[];
  children(): readonly FetchGroup[];
  removeChild(child: FetchGroup): void;
  mergeInWithAllDependencies(other: FetchGroup): void;
  /** What is sent, once the group is complete. */
  finalizeSelection(...given: unknown[]): FinalSelection;
}

export interface FinalSelection {
  readonly selection: SelectionSet;
  /** In the order in which answers are rewritten. */
  readonly outputRewrites: readonly FetchDataRewrite[];
}

/** They are in place, or will be with the first group. */
const known = new Set<(prototype: FetchGroup) => void>();

/**
 * Changes the class of groups as soon as there is one, before it does anything, once for the whole process. Every graph of fetches begins with the group of a
 * root, which the planner puts into a map.
 */
export function changeGroups(change: (prototype: FetchGroup) => void): void {
  if (known.has(change)) return;
  known.add(change);
  const prototype = MapWithCachedArrays.prototype as MapWithCachedArrays<unknown, unknown>;
  const { set } = prototype;
  prototype.set = function (this: typeof prototype, key: unknown, value: unknown) {
    if (isFetchGroup(value)) {
      prototype.set = set;
      change(Object.getPrototypeOf(value) as FetchGroup);
    }
    return set.call(this, key, value);
  };
}

const isFetchGroup = (value: unknown): value is FetchGroup =>
  typeof value === "object" && value !== null && "dependencyGraph" in value && "mergeInWithAllDependencies" in value;
