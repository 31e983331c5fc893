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
 * Where the plan has the giver wait instead, without a need, that wait is taken away: with `@defer` the planner can put a fetch before those of
 * its own part that give what it requires. A wait that would close a circle all the same, or that a part would have for a later one, is not added.
 *
 * @param fetches in an order in which each stands behind those it knows; `known` of each holds all that those know
 * @returns in such an order again
 */
export function awaitGivers(fetches: readonly OpenFetch[]): readonly OpenFetch[] {
  let isChanged = false;
  for (const fetch of fetches) {
    const missing = requiredPlaces(fetch).filter((place) => !isGivenBefore(fetch, place));
    const wanted = [...contextPlaces(fetch), ...missing];
    if (wanted.length === 0) continue;
    for (const giver of fetches) {
      const isPossible = giver !== fetch && (giver.part ?? fetch.part) === fetch.part;
      if (!isPossible || fetch.known.has(giver) || !wanted.some((place) => gives(giver, place))) continue;
      if (giver.known.has(fetch)) {
        if (!missing.some((place) => gives(giver, place)) || !release(giver, fetch, fetches)) continue;
      }
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

/**
 * Takes away that a fetch, and those it waits for, wait for another of which none of them needs anything.
 * @returns whether that was so
 */
function release(from: Fetch, fetch: Fetch, fetches: readonly OpenFetch[]): boolean {
  const waiting = fetches.filter((one) => (one === from || from.known.has(one)) && one.known.has(fetch));
  if (fetch.kind !== "query" || waiting.some((one) => needs(one, fetch))) return false;
  for (const one of waiting) one.known = without(one.known, fetch);
  return true;
}

function needs(one: Fetch, giver: Fetch): boolean {
  if (!one.requires || contextPlaces(one).some((place) => gives(giver, place))) return true;
  const others = { known: without(one.known, giver) };
  return requiredPlaces(one).some((place) => gives(giver, place) && !isGivenBefore(others, place));
}

const without = (known: ReadonlySet<Fetch>, fetch: Fetch): ReadonlySet<Fetch> =>
  new Set([...known].filter((one) => one !== fetch));

const contextPlaces = ({ path: at, contextRewrites }: Fetch): readonly ResponsePath[] =>
  contextRewrites.map(({ path }) => placeOf(at, path));

const requiredPlaces = ({ path, requires = [] }: Fetch): readonly ResponsePath[] =>
  leavesOf(requires, path.filter(isKey));

/** Where everything that a representation holds is found in the answer, seen from the root. */
function leavesOf(requires: readonly QueryPlanSelectionNode[], above: ResponsePath): readonly ResponsePath[] {
  return requires.flatMap((node) => {
    if (node.kind === "InlineFragment") return leavesOf(node.selections, above);
    const place = [...above, node.alias ?? node.name];
    return node.selections?.length ? leavesOf(node.selections, place) : [place];
  });
}

function isGivenBefore({ known }: Pick<Fetch, "known">, place: ResponsePath): boolean {
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
  let depth = 0;
  for (const segment of path) if (isKey(segment) && segment !== place[depth++]) return false;
  if (depth >= place.length) return false;
  let at: SelectionTree | undefined = tree;
  for (; at && depth < place.length; depth++) at = at.fields.get(place[depth] as string);
  return at !== undefined;
}
