import type { Position, Source } from "../layout/position";
import type { Site } from "../layout/site";
import type { Fetch } from "../plan/fetch";
import { asObject, type ExecutionState, type FetchPlace } from "./state";

/** What one source says of a value. */
export interface Told {
  readonly source: Source;
  readonly value: unknown;
}

/** What nobody said, perhaps because a subgraph does not know the entity. */
export class Missing {
  constructor(readonly lack?: FetchPlace) {}
}

/** Adds what those fetches say of an object that join at its position. */
export type JoinTold = (state: ExecutionState, position: Position, told: readonly Told[]) => readonly Told[];

/** Finds a fetch that joins at an object and has null for it, or did not ask about it for such a null elsewhere. */
export type FindLack = (state: ExecutionState, position: Position, told: readonly Told[]) => FetchPlace | undefined;

/** @param isKnown of fetches that have answered */
export function createTold(
  isKnown: (fetch: Fetch) => boolean,
  siteOf: ReadonlyMap<Fetch, Site>,
): { readonly join: JoinTold; readonly findLack: FindLack } {
  /** The object's class at the site of a fetch; -1 when it has none. */
  const classAt = (state: ExecutionState, { fetch }: Source, told: readonly Told[]): number => {
    const site = isKnown(fetch) ? siteOf.get(fetch) : undefined;
    if (!site) return -1;
    const identity = site.base
      .map((one) => asObject(told.find(({ source: { fetch: from } }) => from === one.fetch)?.value))
      .find((object) => object !== undefined);
    return state.sites[site.index]?.locate(identity) ?? -1;
  };
  return {
    join: (state, position, told) => {
      const joined = position.joined.flatMap((source): Told[] => {
        const place = classAt(state, source, told);
        const value = place < 0 ? undefined : asObject(state.entities[source.fetch.index]?.[place]);
        return value ? [{ source, value }] : [];
      });
      return joined.length > 0 ? [...told, ...joined] : told;
    },
    findLack: (state, position, told) => {
      for (const source of position.joined) {
        const { fetch } = source;
        const place = classAt(state, source, told);
        if (place < 0) continue;
        if (state.entities[fetch.index]?.[place] === null) return { fetch, place };
        const lack = state.lacks[fetch.index]?.get(place);
        if (lack) return lack;
      }
      return undefined;
    },
  };
}

/** What the sources say of a field. */
export function valuesOf(told: readonly Told[], key: string): readonly Told[] {
  return told.flatMap(({ source, value }): Told[] => {
    const object = asObject(value);
    return object && Object.hasOwn(object, key) && object[key] !== undefined ? [{ source, value: object[key] }] : [];
  });
}
