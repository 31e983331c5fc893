import type { Site } from "../layout/site";
import type { Fetch } from "../plan/fetch";
import { asObject, type ExecutionState, type JsonObject, type SiteState } from "./state";

/**
 * Where an operation is planned in parts, one subgraph is asked for the same objects more than once, and what it says of them is put
 * together by their places. Between two answers objects may have come, gone or changed places: then what the later answer says under that
 * field, of the root or of an entity, is left out, so that fields are missing, with errors, rather than given to the wrong object.
 *
 * @param isComparable false for a response key under which the answers may differ, because it stands for different arguments
 */
export function separatePlans(
  state: ExecutionState,
  fetches: readonly Fetch[],
  siteOf: ReadonlyMap<Fetch, Site>,
  isComparable: (key: string) => boolean,
): void {
  const alike = (one: unknown, other: unknown): boolean => {
    if (Array.isArray(one) && Array.isArray(other)) {
      return one.length === other.length && one.every((item, i) => alike(item, other[i]));
    }
    const [a, b] = [asObject(one), asObject(other)];
    if (!a || !b) return one === other;
    return Object.keys(a).every((key) => !isComparable(key) || !Object.hasOwn(b, key) || alike(a[key], b[key]));
  };

  /** By subgraph, place and response key: what was said first. */
  const first = new Map<string, unknown>();
  /** @returns the object without what contradicts an earlier answer */
  const withoutStray = (place: string, object: JsonObject): JsonObject => {
    const stray = Object.keys(object).filter((key) => {
      const known = `${place} ${key}`;
      if (first.has(known)) return !alike(first.get(known), object[key]);
      first.set(known, object[key]);
      return false;
    });
    if (stray.length === 0) return object;
    return Object.fromEntries(Object.entries(object).filter(([key]) => !stray.includes(key)));
  };

  /** By subgraph and place: how many objects were found there first. */
  const sizes = new Map<string, number>();
  const separateEntities = (fetch: Fetch, place: string, { objects, classes }: SiteState): void => {
    const entities = state.entities[fetch.index];
    if (!entities) return;
    const size = sizes.get(place) ?? objects.length;
    sizes.set(place, size);
    if (objects.length !== size) {
      // Which object is which is not to be told.
      state.entities[fetch.index] = undefined;
      return;
    }
    const kept = [...entities];
    classes.forEach((of, at) => {
      const entity = of < 0 ? undefined : asObject(kept[of]);
      if (entity) kept[of] = withoutStray(`${place} ${at}`, entity);
    });
    state.entities[fetch.index] = kept;
  };

  for (const fetch of fetches) {
    const { index, path, service } = fetch;
    const place = `${service} ${path.join(" ")}`;
    const root = path.length === 0 ? state.roots[index] : undefined;
    if (root) state.roots[index] = withoutStray(place, root);
    const site = siteOf.get(fetch);
    const found = site && state.sites[site.index];
    if (found) separateEntities(fetch, place, found);
  }
}
