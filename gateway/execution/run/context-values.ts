import type { FetchDataKeyRenamer } from "@apollo/query-planner";
import type { Position, Source } from "../layout/position";
import { asObject, type ContextOf, either, type ExecutionState, type JsonObject } from "./state";
import { type createTold, Missing, type Told, valuesOf } from "./told";

/** A place on the way from the root, and the sources of the objects there. */
export interface Level {
  readonly position: Position;
  readonly sources: readonly Source[];
}

/** An object on the way from the root: what each source of its level says of it. */
type Parts = readonly (JsonObject | undefined)[];

/**
 * What `@fromContext` arguments are given: values of objects further up, found by relative paths such as
 * `["..", "... on Account", "currency"]`. One argument can have several such paths; of those whose type conditions hold the shortest way up counts.
 *
 * An argument is null where some subgraph said null for its value, or where none of its paths is for such objects. Where nobody said
 * anything, as of an entity that the value's subgraph does not know, nobody can be asked: the rule is that of representations.
 *
 * https://specs.apollo.dev/context/v0.1/
 *
 * @param way the objects on the way, root first and the one that is asked about last; lists in between do not count as steps
 */
export type ContextValues = (state: ExecutionState, way: readonly Parts[]) => ContextOf;

/** @param levels of the way @param told what other subgraphs know of objects on the way and below */
export function createContextValues(
  rewrites: readonly FetchDataKeyRenamer[],
  levels: readonly Level[],
  { join, findLack }: ReturnType<typeof createTold>,
): ContextValues {
  const rules = rewrites
    .map(({ path, renameKeyTo }) => {
      const steps = path.filter((segment) => segment === "..").length;
      return { argument: renameKeyTo, level: levels.length - 1 - steps, path: path.slice(steps) };
    })
    .sort((one, other) => one.level - other.level);

  /** @param told what is said of the object @returns undefined when the path is not for such objects */
  const valueAt = (
    state: ExecutionState,
    position: Position,
    told: readonly Told[],
    [segment, ...rest]: readonly string[],
  ): unknown => {
    if (segment === undefined) return undefined;
    if (segment.startsWith(CONDITION)) {
      const isMet = latest(valuesOf(told, "__typename")) === segment.slice(CONDITION.length);
      return isMet ? valueAt(state, position, told, rest) : undefined;
    }
    const values = valuesOf(told, segment);
    if (values.length === 0) return new Missing(findLack(state, position, told));
    return rest.length === 0 ? latest(values) : valueBelow(state, position.at(segment), values, rest);
  };

  /** @param told what is said of an object, or of a list, whose elements give a list of values */
  const valueBelow = (
    state: ExecutionState,
    position: Position,
    told: readonly Told[],
    path: readonly string[],
  ): unknown => {
    const lists = told.filter(({ value }) => Array.isArray(value)) as { source: Source; value: unknown[] }[];
    const [list] = lists;
    if (list) {
      const elements = (i: number) => lists.map(({ source, value }) => ({ source, value: value[i] }));
      const all = list.value.map((_, i) => valueBelow(state, position.at("@"), elements(i), path) ?? null);
      return all.find((item) => item instanceof Missing) ?? all;
    }
    const objects = told.filter(({ value }) => asObject(value) !== undefined);
    // What has null below it has null at its end.
    return objects.length === 0 ? null : valueAt(state, position, join(state, position, objects), path);
  };

  return (state, way) => {
    const given: Record<string, unknown> = {};
    for (const { argument, level, path } of rules) {
      const place = levels[level];
      const told = place?.sources.map((source, i): Told => ({ source, value: way[level]?.[i] })) ?? [];
      const value = place && valueAt(state, place.position, told, path);
      if (value !== undefined) given[argument] = value;
      else given[argument] ??= null;
    }
    const missing = Object.values(given).find((value) => value instanceof Missing);
    return missing ? { lack: missing.lack } : { given };
  };
}

const CONDITION = "... on ";

/** The later source counts, unless it has null where an earlier one knows more. */
const latest = (told: readonly Told[]): unknown =>
  told.reduce<unknown>((found, { value }) => either(value, found), undefined);
