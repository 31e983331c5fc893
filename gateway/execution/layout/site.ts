import type { QueryPlanSelectionNode } from "@apollo/query-planner";
import type { Fetch } from "../plan/fetch";
import type { Position, Source } from "./position";
import type { SupergraphTypes } from "./supergraph-types";

/**
 * A position whose objects are asked of subgraphs as entities, with the way they are told apart. Objects that would be represented
 * alike form one class: it is asked once, and its result belongs to all of them. Fetches whose representations are decided by the same
 * facts share a site, so that a path is walked once however many subgraphs are asked about the objects on it.
 */
export interface Site {
  readonly index: number;
  readonly position: Position;
  /** The base sources that have answered when the walk begins. The first that has the object is the object's identity. */
  readonly base: readonly Source[];
  /** Required keys that base sources give; with the type name they decide the class. */
  readonly keys: readonly string[];
  /** Sites at the same position whose results are required as well: their classes decide, too. */
  readonly beside: readonly Site[];
  /** Object types that are asked for; an object of another type belongs to no class. Undefined: all objects are one class. */
  readonly types: ReadonlySet<string> | undefined;
  /** Something required lies in objects further down that other fetches know more of: then each object is a class of its own. */
  readonly isDeep: boolean;
  /** Those that ask for its objects, in the order of the plan. */
  readonly fetches: Fetch[];
}

/** @returns the sites in an order in which each is after those it needs, and the site of each fetch that joins somewhere */
export function createSites(
  fetches: readonly Fetch[],
  find: (path: readonly string[]) => Position,
  types: SupergraphTypes,
): { sites: readonly Site[]; siteOf: ReadonlyMap<Fetch, Site> } {
  const sites: Site[] = [];
  const siteOf = new Map<Fetch, Site>();

  for (const fetch of fetches) {
    if (fetch.path.length === 0) continue;
    const position = find(fetch.path);
    const base = position.base.filter((source) => fetch.known.has(source.fetch));
    const needed = fetch.requires ? requiredKeys(fetch.requires) : new Set<string>();
    const keys = [...needed].filter((key) => key !== "__typename" && base.some(({ tree }) => tree.fields.has(key)));
    const besideFetches = position.joined.filter(
      (source) => fetch.known.has(source.fetch) && [...needed].some((key) => source.tree.fields.has(key)),
    );
    const beside = [...new Set(besideFetches.flatMap((source) => siteOf.get(source.fetch) ?? []))];
    const wanted = fetch.requires ? objectTypes(fetch.requires, types) : undefined;

    const [only] = beside;
    const isDeep = fetches.some((other) => fetch.known.has(other) && joinsWithin(other, fetch));
    const isDecidedBy = (site: Site) =>
      !isDeep &&
      !site.isDeep &&
      fetch.contextRewrites.length === 0 &&
      site.fetches.every((other) => other.contextRewrites.length === 0) &&
      site.position === position &&
      keys.every((key) => site.keys.includes(key)) &&
      isSubset(wanted, site.types) &&
      isAlike(fetch, site.fetches[0]);
    const shared =
      beside.length === 1 && only && isDecidedBy(only)
        ? only
        : beside.length === 0
          ? sites.find(
              (site) =>
                isDecidedBy(site) &&
                site.keys.length === keys.length &&
                site.types?.size === wanted?.size &&
                site.beside.length === 0 &&
                sameSources(site.base, base),
            )
          : undefined;
    const site: Site = shared ?? {
      index: sites.length,
      position,
      base,
      keys,
      beside,
      types: wanted,
      isDeep,
      fetches: [],
    };
    if (!shared) sites.push(site);
    site.fetches.push(fetch);
    siteOf.set(fetch, site);
  }
  return { sites, siteOf };
}

/** Whether a fetch joins at objects inside of what another requires. */
function joinsWithin(other: Fetch, { path, requires = [] }: Fetch): boolean {
  const next = other.path[path.length];
  return (
    next !== undefined && path.every((segment, i) => segment === other.path[i]) && requiredKeys(requires).has(next)
  );
}

/** The keys at the top of what is required, of all type conditions. */
export function requiredKeys(selections: readonly QueryPlanSelectionNode[], into = new Set<string>()): Set<string> {
  for (const node of selections) {
    if (node.kind === "Field") into.add(node.alias ?? node.name);
    else requiredKeys(node.selections, into);
  }
  return into;
}

/** Type names under which an object answers to one of the type conditions. */
function objectTypes(requires: readonly QueryPlanSelectionNode[], types: SupergraphTypes): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of requires) {
    if (node.kind !== "InlineFragment" || node.typeCondition === undefined) continue;
    for (const name of types.namesUnder(node.typeCondition)) names.add(name);
  }
  return names;
}

const isSubset = (some: ReadonlySet<string> | undefined, all: ReadonlySet<string> | undefined) =>
  some === undefined || all === undefined ? some === all : [...some].every((name) => all.has(name));

/** Whether two fetches are about objects of the same types on the way. */
const isAlike = (fetch: Fetch, other: Fetch | undefined) =>
  other !== undefined &&
  fetch.types.size === other.types.size &&
  [...fetch.types].every(([depth, names]) => {
    const others = other.types.get(depth);
    return others !== undefined && isSubset(names, others) && isSubset(others, names);
  });

const sameSources = (a: readonly Source[], b: readonly Source[]) =>
  a.length === b.length && a.every((source, i) => source === b[i]);
