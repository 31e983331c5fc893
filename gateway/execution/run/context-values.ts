import type { FetchDataKeyRenamer } from "@apollo/query-planner";
import type { Position, Source } from "../layout/position";
import { asObject, either, type ExecutionState, type JsonObject } from "./state";
import { type JoinTold, type Told, valuesOf } from "./told";

/** A place on the way from the root, and the sources of the objects there. */
export interface Level {
  readonly position: Position;
  readonly sources: readonly Source[];
}

/** An object on the way from the root: what each source of its level says of it. */
type Parts = readonly (JsonObject | undefined)[];

/**
 * What `@fromContext` arguments are given: values of objects further up, found by relative paths such as
 * `["..", "... on Account", "currency"]`. One argument can have several such paths; the one whose type condition holds counts.
 *
 * https://specs.apollo.dev/context/v0.1/
 *
 * @param way the objects on the way, root first and the one that is asked about last; lists in between do not count as steps
 * @returns by argument
 */
export type ContextValues = (state: ExecutionState, way: readonly Parts[]) => Readonly<Record<string, unknown>>;

/** @param levels of the way @param join what other subgraphs know of objects below those on the way */
export function createContextValues(
  rewrites: readonly FetchDataKeyRenamer[],
  levels: readonly Level[],
  join: JoinTold,
): ContextValues {
  const rules = rewrites.map(({ path, renameKeyTo }) => {
    const steps = path.filter((segment) => segment === "..").length;
    return { argument: renameKeyTo, level: levels.length - 1 - steps, path: path.slice(steps) };
  });
  return (state, way) => {
    const values: Record<string, unknown> = {};
    for (const { argument, level, path } of rules) {
      const place = levels[level];
      const told = place?.sources.map((source, i): Told => ({ source, value: way[level]?.[i] })) ?? [];
      const value = place && valueAt(state, place.position, told, path, join);
      if (value !== undefined) values[argument] = value;
      else values[argument] ??= null;
    }
    return values;
  };
}

const CONDITION = "... on ";

/** @param told what is said of the object */
function valueAt(
  state: ExecutionState,
  position: Position,
  told: readonly Told[],
  [segment, ...rest]: readonly string[],
  join: JoinTold,
): unknown {
  if (segment === undefined) return undefined;
  if (segment.startsWith(CONDITION)) {
    const isMet = latest(valuesOf(told, "__typename")) === segment.slice(CONDITION.length);
    return isMet ? valueAt(state, position, told, rest, join) : undefined;
  }
  const values = valuesOf(told, segment);
  if (rest.length === 0) return latest(values);
  return valueBelow(state, position.at(segment), values, rest, join);
}

/** @param told what is said of an object, or of a list, whose elements give a list of values */
function valueBelow(
  state: ExecutionState,
  position: Position,
  told: readonly Told[],
  path: readonly string[],
  join: JoinTold,
): unknown {
  const lists = told.filter(({ value }) => Array.isArray(value)) as { source: Source; value: unknown[] }[];
  const [list] = lists;
  if (list) {
    const elements = (i: number) => lists.map(({ source, value }) => ({ source, value: value[i] }));
    return list.value.map((_, i) => valueBelow(state, position.at("@"), elements(i), path, join) ?? null);
  }
  const objects = told.filter(({ value }) => asObject(value) !== undefined);
  // What has null below it has null at its end.
  if (objects.length === 0) return told.length > 0 ? null : undefined;
  return valueAt(state, position, join(state, position, objects), path, join);
}

/** The later source counts, unless it has null where an earlier one knows more. */
const latest = (told: readonly Told[]): unknown =>
  told.reduce<unknown>((found, { value }) => either(value, found), undefined);
