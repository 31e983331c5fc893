import type { QueryPlanSelectionNode } from "@apollo/query-planner";
import type { Fetch, OpenFetch, ResponsePath } from "./fetch";
import type { SelectionTree } from "./selection-tree";

/**
 * Makes each fetch wait for those that give what it is told, where @apollo/query-planner may put the two beside each other:
 *
 * - with arguments from a context for every fetch that gives their values: one subgraph may have overridden another's field
 * - with something in its representations that no fetch before it gives for every fetch that does: in a chain of `@requires` the planner can
 *   forget that a fetch gives what one further down the chain requires
 *
 * A wait that would close a circle, or that a part would have for a later one, is not added.
 *
 * @param fetches in an order in which each stands behind those it knows; `known` of each holds all that those know
 * @returns in such an order again
 */
export function awaitGivers(fetches: readonly OpenFetch[]): readonly OpenFetch[] {
  let isChanged = false;
  for (const fetch of fetches) {
    const wanted = [
      ...fetch.contextRewrites.map(({ path }) => placeOf(fetch.path, path)),
      ...leavesOf(fetch.requires ?? [], fetch.path.filter(isKey)).filter((place) => !isGivenBefore(fetch, place)),
    ];
    if (wanted.length === 0) continue;
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

/** Where everything that a representation holds is found in the answer, seen from the root. */
function leavesOf(requires: readonly QueryPlanSelectionNode[], above: ResponsePath): readonly ResponsePath[] {
  return requires.flatMap((node) => {
    if (node.kind === "InlineFragment") return leavesOf(node.selections, above);
    const place = [...above, node.alias ?? node.name];
    return node.selections?.length ? leavesOf(node.selections, place) : [place];
  });
}

function isGivenBefore({ known }: Fetch, place: ResponsePath): boolean {
  for (const fetch of known) if (gives(fetch, place)) return true;
  return false;
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
