import type { Fetch, ResponsePath } from "../plan/fetch";
import type { SelectionTree } from "../plan/selection-tree";

/** One fetch's share in the objects at a position. */
export interface Source {
  readonly fetch: Fetch;
  readonly tree: SelectionTree;
}

/**
 * A place in the response: a path of response keys. An object there is never put together; it stays spread over the answers of the
 * fetches that know something of it, its sources, and whoever reads a field asks the sources that select it.
 */
export interface Position {
  readonly path: ResponsePath;
  /** What comes from above: parts of the answers that gave the parent object. */
  readonly base: readonly Source[];
  /** Fetches that join here, each with one result per object. */
  readonly joined: readonly Source[];
  /** @param key a response key, or "@" for the elements of a list */
  at(key: string): Position;
}

export function createPositions(fetches: readonly Fetch[]): { root: Position; find(path: ResponsePath): Position } {
  const joinedAt = new Map<string, Source[]>();
  for (const fetch of fetches) {
    if (fetch.path.length === 0) continue;
    const place = keyOf(fetch.path);
    joinedAt.set(place, [...(joinedAt.get(place) ?? []), { fetch, tree: fetch.tree }]);
  }

  const create = (path: ResponsePath, base: readonly Source[]): Position => {
    const joined = joinedAt.get(keyOf(path)) ?? [];
    const all = [...base, ...joined];
    const children = new Map<string, Position>();
    return {
      path,
      base,
      joined,
      at: (key) => {
        const known = children.get(key);
        if (known) return known;
        const child = create(
          [...path, key],
          all.flatMap(({ fetch, tree }) => {
            const under = key === "@" ? tree : tree.fields.get(key);
            return under ? [{ fetch, tree: under }] : [];
          }),
        );
        children.set(key, child);
        return child;
      },
    };
  };

  const root = create(
    [],
    fetches.filter(({ path }) => path.length === 0).map((fetch) => ({ fetch, tree: fetch.tree })),
  );
  return { root, find: (path) => path.reduce((position, key) => position.at(key), root) };
}

/** GraphQL names hold no blank. */
const keyOf = (path: ResponsePath): string => path.join(" ");
