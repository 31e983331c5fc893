import { changeGroups, type FetchGraph, type FetchGroup } from "./fetch-group";

/**
 * Lets @apollo/query-planner 2.14 know of every group where its objects come from, for the whole process. A group waits for the one that gives its
 * objects, and for those that give parts of their key. It knows the path to its objects from the former, and from the latter only where that is a single step away. When waits
 * that follow from others are left out, it may know no path any more. Then the planner forgets what a `@requires` of the group made it ask
 * (`handleRequiresTree`), and tells the group at once what it would have to wait for. From a group that gives a part of the key of other objects, further down, it takes a
 * path that leads nowhere, and throws.
 *
 * Here those that give a key of the same objects have a path, which is empty, and the others none. Where there is none besides, the wait for the one that gives the objects stays.
 */
export const installPathsToObjects = (): void => changeGroups(keepPaths);

function keepPaths(group: FetchGroup, graph: FetchGraph): void {
  const { addParents } = group;
  group.addParents = function (this: FetchGroup, parents) {
    // Only what gives keys is told of so late.
    const giveKeys = this.parents().length > 0;
    const pathTo = (parent: FetchGroup) => (haveSameObjects(parent, this) ? [] : GIVES_PART_OF_KEY);
    addParents.call(
      this,
      giveKeys ? parents.map(({ group: parent }) => ({ group: parent, path: pathTo(parent) })) : parents,
    );
  };

  graph.dfsRemoveRedundantEdges = function (from) {
    for (const later of laterThanChildren(from)) {
      if (from.isParentOf(later) && !isOnlyPath(from, later)) from.removeChild(later);
    }
  };
  graph.removeUselessGroups = function (this: FetchGraph, from) {
    for (const child of [...from.children()]) if (from.isParentOf(child)) this.removeUselessGroups(child);
    if (from.isUseless()) leaveOut(this, from);
  };
}

/** In place of a path: the parent gives a part of the key of the group's objects, and has other objects. The planner tells it from no path nowhere. */
const GIVES_PART_OF_KEY = null;

function haveSameObjects(one: FetchGroup, other: FetchGroup): boolean {
  const [place, otherPlace] = [one.mergeAt ?? [], other.mergeAt ?? []];
  const isSamePlace = place.length === otherPlace.length && place.every((segment, at) => segment === otherPlace[at]);
  return isSamePlace && one.isEntityFetch && other.isEntityFetch;
}

/** All that waits for what waits for a group. */
function laterThanChildren(group: FetchGroup): ReadonlySet<FetchGroup> {
  const found = new Set(group.children().flatMap((child) => child.children()));
  for (const one of found) for (const child of one.children()) found.add(child);
  return found;
}

/** Whether all that the group waits for besides gives a part of its key, or something else without a path. */
function isOnlyPath(parent: FetchGroup, group: FetchGroup): boolean {
  const parents = group.parents();
  return (
    parents.some(({ path }) => path === GIVES_PART_OF_KEY) &&
    parents.every((one) => (one.group === parent) === Boolean(one.path))
  );
}

/** What waits for a group that is left out waits for all its parents. The planner leaves out only what has a single one. */
function leaveOut(graph: FetchGraph, group: FetchGroup): void {
  if (group.children().length === 0) {
    graph.remove(group);
    return;
  }
  const first = group.parents().find(({ path }) => path);
  if (!first) return;
  for (const parent of group.parents()) {
    if (parent !== first) for (const child of group.children()) child.addParent({ group: parent.group });
  }
  first.group.removeUselessChild(group);
}
