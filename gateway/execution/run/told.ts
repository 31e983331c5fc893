import type { Position, Source } from "../layout/position";
import type { Site } from "../layout/site";
import type { Fetch } from "../plan/fetch";
import { asObject, type ExecutionState } from "./state";

/** What one source says of a value. */
export interface Told {
  readonly source: Source;
  readonly value: unknown;
}

/** Adds what those fetches say of an object that join at its position. */
export type JoinTold = (state: ExecutionState, position: Position, told: readonly Told[]) => readonly Told[];

/** @param isKnown of fetches that have answered */
export function createJoinTold(isKnown: (fetch: Fetch) => boolean, siteOf: ReadonlyMap<Fetch, Site>): JoinTold {
  return (state, position, told) => {
    const joined = position.joined.flatMap((source): Told[] => {
      const other = isKnown(source.fetch) ? siteOf.get(source.fetch) : undefined;
      if (!other) return [];
      const identity = other.base
        .map((one) => asObject(told.find(({ source: { fetch: from } }) => from === one.fetch)?.value))
        .find((object) => object !== undefined);
      const place = state.sites[other.index]?.locate(identity) ?? -1;
      const value = place < 0 ? undefined : asObject(state.entities[source.fetch.index]?.[place]);
      return value ? [{ source, value }] : [];
    });
    return joined.length > 0 ? [...told, ...joined] : told;
  };
}

/** What the sources say of a field. */
export function valuesOf(told: readonly Told[], key: string): readonly Told[] {
  return told.flatMap(({ source, value }): Told[] => {
    const object = asObject(value);
    return object && Object.hasOwn(object, key) && object[key] !== undefined ? [{ source, value: object[key] }] : [];
  });
}
