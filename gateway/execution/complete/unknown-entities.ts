import { requiredKeys } from "../layout/site";
import type { Position } from "../layout/position";
import type { Fetch } from "../plan/fetch";
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
  /** Whether they have none because one of those subgraphs does not know an entity further up that another subgraph does know. */
  isUnknownAbove(object: ObjectPlace, keys: ReadonlySet<string>): boolean;
}

export function createUnknownEntities(values: ResolveValues, types: ResolveAbstractType): UnknownEntities {
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
    isUnknownAbove: ({ position, path }, keys) => {
      const suspects = new Set(givers(position, keys));
      for (const { position: at, told } of [...values.wayTo(position, path)].reverse()) {
        for (const source of [...at.joined].reverse()) {
          const { fetch } = source;
          if (!suspects.has(fetch)) continue;
          const value = told.find((one) => one.source === source)?.value;
          if (value === null) return true;
          if (value !== undefined) continue;
          for (const giver of givers(at, requiredOf(fetch, told))) if (fetch.known.has(giver)) suspects.add(giver);
        }
      }
      return false;
    },
  };
}

const givers = ({ base, joined }: Position, keys: ReadonlySet<string>): readonly Fetch[] =>
  [...base, ...joined].filter((source) => isGiver(source, keys)).map(({ fetch }) => fetch);
