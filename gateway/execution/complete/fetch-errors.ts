import type { GraphQLError } from "graphql";
import type { Fetch } from "../plan/fetch";
import { renamedKeys } from "../plan/selection-tree";
import type { ExecutionState } from "../run/state";
import type { PathKey } from "./error-report";

/** An error of a subgraph below an object that the fetch was about. */
export interface LocatedError {
  readonly error: GraphQLError;
  /** From the object on, in the plan's keys. */
  readonly rest: readonly PathKey[];
}

/** What went wrong in one fetch. */
export interface FetchErrors {
  /** By class of object; for a fetch of root fields the one class is 0. */
  readonly located: ReadonlyMap<number, readonly LocatedError[]>;
  /** Errors of which the subgraph does not say where they belong, or that the whole call shares. */
  readonly general: readonly GraphQLError[];
  /** All of them, each once. */
  readonly all: readonly GraphQLError[];
}

const NONE: FetchErrors = { located: new Map(), general: [], all: [] };

/**
 * Reads where the errors of a fetch belong: `["_entities", 2, "name"]` is the field `name` of every object whose class was represented
 * third. https://specs.apollo.dev/federation/ leaves the path of an entity's error to GraphQL, hence the response path of `_entities`.
 */
export function readFetchErrors(state: ExecutionState, fetch: Fetch): FetchErrors {
  const reply = state.replies[fetch.index];
  if (!reply || reply.errors.length === 0) return NONE;
  const located = new Map<number, LocatedError[]>();
  const general: GraphQLError[] = [];
  const all: GraphQLError[] = [];
  const renamed = renamedKeys(fetch.outputRewrites);
  const locate = (place: number, error: GraphQLError, keys: readonly PathKey[]) => {
    const here = located.get(place) ?? [];
    located.set(place, here);
    here.push({ error, rest: renamed.size > 0 ? keys.map((key) => renamed.get(key) ?? key) : keys });
  };
  const isOfEntities = state.asked[fetch.index] !== undefined;
  const othersPlaces = indexOthers(state, fetch);
  const classesAt = indexClasses(state, fetch);
  for (const error of reply.errors) {
    const [first, second, ...rest] = error.path ?? [];
    if (first !== undefined && !isOfEntities) locate(0, error, error.path ?? []);
    else {
      const own = classesAt.get(String(first));
      const classes = typeof second === "number" ? (own?.get(second) ?? []) : [];
      const others = othersPlaces.get(String(first));
      if (classes.length === 0 && others && (!own || others.has(Number(second)))) continue;
      for (const place of classes) locate(place, error, rest);
      if (classes.length === 0) general.push(error);
    }
    all.push(error);
  }
  return { located, general, all };
}

type ClassesByPlace = ReadonlyMap<number, readonly number[]>;

/** By alias and place in its list of entities: the classes whose result is there. */
function indexClasses(state: ExecutionState, fetch: Fetch): ReadonlyMap<string, ClassesByPlace> {
  const sets = state.contextSets[fetch.index];
  if (sets) {
    return new Map(
      sets.map((set, i) => [
        sets.length === 1 ? "_entities" : `_e${i}`,
        new Map(set.map((classIndex, place) => [place, [classIndex]])),
      ]),
    );
  }
  const asked = state.asked[fetch.index];
  if (!asked) return new Map();
  const byPlace = new Map<number, number[]>();
  asked.places.forEach((place, classIndex) => {
    const classes = byPlace.get(place) ?? [];
    byPlace.set(place, classes);
    classes.push(classIndex);
  });
  return new Map([[asked.alias, byPlace]]);
}

/** By alias: the places in its list of entities that other fetches of the same call ask about. */
function indexOthers(state: ExecutionState, fetch: Fetch): ReadonlyMap<string, ReadonlySet<number>> {
  const others = new Map<string, Set<number>>();
  state.asked.forEach((asked, index) => {
    if (!asked || index === fetch.index || state.replies[index] !== state.replies[fetch.index]) return;
    const places = others.get(asked.alias) ?? new Set();
    others.set(asked.alias, places);
    for (const place of asked.places) places.add(place);
  });
  return others;
}
