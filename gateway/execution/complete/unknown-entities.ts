import { requiredKeys } from "../layout/site";
import type { Position } from "../layout/position";
import type { Fetch } from "../plan/fetch";
import type { ExecutionState, FetchPlace } from "../run/state";
import type { Told } from "../run/told";
import type { ObjectPlace } from "./place";
import type { ResolveAbstractType } from "./resolve-abstract-type";
import { isGiver, type ResolveValues } from "./resolve-values";

/**
 * For an entity that it does not know a subgraph answers `_entities` with null, which is no error of its own: GraphQL has no sentence on it. What
 * that entity's fields would be, and the fields that require them, nobody says then.
 */
export interface UnknownEntities {
  /** Whether fields have no value because a subgraph does not know the object: their own, or one that should have given what it requires. */
  isUnknown(told: readonly Told[], keys: ReadonlySet<string>): boolean;
  /**
   * Where one of those subgraphs has null for an entity that another one does know: further up, or elsewhere in what had to be told and
   * then was not asked for.
   */
  findUnknown(object: ObjectPlace, keys: ReadonlySet<string>): FetchPlace | undefined;
}

export function createUnknownEntities(
  state: ExecutionState,
  values: ResolveValues,
  types: ResolveAbstractType,
): UnknownEntities {
  /** What a fetch had to be told of an object, without the name of its type where that was known before. */
  const requiredOf = ({ requires, known }: Fetch, told: readonly Told[]): ReadonlySet<string> => {
    const required = requiredKeys(requires ?? []);
    if (types.isNamed(told.filter(({ source }) => known.has(source.fetch)))) required.delete("__typename");
    return required;
  };

  return {
    isUnknown: (told, keys) => {
      const unknown = told.filter(({ value }) => value === null);
      if (unknown.length === 0) return false;
      const wanted = new Set(keys);
      // What a requirement requires is wanted, too.
      for (const { source } of [...told].reverse()) {
        if (!isGiver(source, wanted)) continue;
        for (const name of requiredOf(source.fetch, told)) wanted.add(name);
      }
      return unknown.some(({ source }) => isGiver(source, wanted));
    },
    findUnknown: ({ position, path }, keys) => {
      const suspects = new Set(givers(position, keys));
      for (const { position: at, told, places } of [...values.wayTo(position, path)].reverse()) {
        for (const source of [...at.joined].reverse()) {
          const { fetch } = source;
          if (!suspects.has(fetch)) continue;
          const value = told.find((one) => one.source === source)?.value;
          const own = places.find((one) => one.fetch === fetch);
          if (value === null) return own;
          if (value !== undefined) continue;
          const lack = own && state.lacks[fetch.index]?.get(own.place);
          if (lack) return lack;
          for (const giver of givers(at, requiredOf(fetch, told))) if (fetch.known.has(giver)) suspects.add(giver);
        }
      }
      return undefined;
    },
  };
}

const givers = ({ base, joined }: Position, keys: ReadonlySet<string>): readonly Fetch[] =>
  [...base, ...joined].filter((source) => isGiver(source, keys)).map(({ fetch }) => fetch);
