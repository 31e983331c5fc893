import type { Fetch, OpenFetch, ResponsePath } from "./fetch";
import type { SelectionTree } from "./selection-tree";

/**
 * Makes each fetch with arguments from a context wait for every fetch that gives their values. Where a field of a context is overridden by
 * another subgraph, @apollo/query-planner may put the two beside each other. A wait that would close a circle, or that a part would have
 * for a later one, is not added.
 *
 * @param fetches in an order in which each stands behind those it knows; `known` of each holds all that those know
 * @returns in such an order again
 */
export function awaitContexts(fetches: readonly OpenFetch[]): readonly OpenFetch[] {
  let isChanged = false;
  for (const fetch of fetches) {
    const wanted = fetch.contextRewrites.map(({ path }) => placeOf(fetch.path, path));
    for (const giver of fetches) {
      const isPossible = giver !== fetch && !giver.known.has(fetch) && (giver.part ?? fetch.part) === fetch.part;
      if (!isPossible || fetch.known.has(giver) || !wanted.some((place) => gives(giver, place))) continue;
      isChanged = true;
      for (const waiting of fetches) {
        if (waiting !== fetch && !waiting.known.has(fetch)) continue;
        waiting.known = new Set([...waiting.known, ...giver.known, giver]);
      }
    }
  }
  if (!isChanged) return fetches;
  const ordered = [...fetches].sort((one, other) => one.known.size - other.known.size);
  ordered.forEach((fetch, index) => (fetch.index = index));
  return ordered;
}

const isKey = (segment: string) => segment !== "@" && segment !== ".." && !segment.startsWith("... on ");

/** Where a value of a context stands, without lists, seen from the root. */
function placeOf(path: ResponsePath, relative: readonly string[]): ResponsePath {
  const keys = path.filter(isKey);
  const steps = relative.filter((segment) => segment === "..").length;
  return [...keys.slice(0, Math.max(0, keys.length - steps)), ...relative.filter(isKey)];
}

function gives({ path, tree }: Fetch, place: ResponsePath): boolean {
  const above = path.filter(isKey);
  if (above.length >= place.length || above.some((key, i) => key !== place[i])) return false;
  let at: SelectionTree | undefined = tree;
  for (const key of place.slice(above.length)) at = at?.fields.get(key);
  return at !== undefined;
}
