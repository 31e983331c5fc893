import { changeGroups, type FetchGroup } from "./fetch-group";

/**
 * Keeps the graph of fetches of @apollo/query-planner 2.14 free of circles, for the whole process. The planner merges fetches that tell a
 * subgraph the same about the same objects, also where one waits for the other. It then lets the merged one wait for itself, and comes to no
 * end. Operations with a chain of `@requires`, whose fetches `mend-planner.ts` keeps apart, have such fetches.
 *
 * What both tell is there before the earlier one: the later one need not wait for the earlier, nor for what lies between. What waited for the later one
 * still does, as it may be told what lies between gives.
 */
export const installMergeFetches = (): void => changeGroups(mergeWithoutCircles);

function mergeWithoutCircles(prototype: FetchGroup): void {
  const { mergeInWithAllDependencies } = prototype;
  prototype.mergeInWithAllDependencies = function (this: FetchGroup, other: FetchGroup): void {
    stopWaiting(this, other);
    stopWaiting(other, this);
    mergeInWithAllDependencies.call(this, other);
  };
}

/** Afterwards no way leads from the earlier group to the later one. */
function stopWaiting(later: FetchGroup, earlier: FetchGroup): void {
  const after = withDescendants(earlier);
  if (!after.has(later)) return;
  for (const { group } of [...later.parents()]) {
    if (!after.has(group)) continue;
    group.removeChild(later);
    for (const child of later.children()) child.addParent({ group });
  }
}

function withDescendants(group: FetchGroup): ReadonlySet<FetchGroup> {
  const found = new Set([group]);
  for (const one of found) for (const child of one.children()) found.add(child);
  return found;
}
