import type { FetchDataKeyRenamer } from "@apollo/query-planner";
import { asObject, either, type JsonObject } from "./state";

/** An object on the way from the root, by its parts from several fetches. */
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
export function contextValues(
  rewrites: readonly FetchDataKeyRenamer[],
  way: readonly Parts[],
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const { path, renameKeyTo } of rewrites) {
    const steps = path.filter((segment) => segment === "..").length;
    const value = valueAt(way[way.length - 1 - steps] ?? [], path.slice(steps));
    if (value !== undefined) values[renameKeyTo] = value;
    else values[renameKeyTo] ??= null;
  }
  return values;
}

const CONDITION = "... on ";

function valueAt(parts: Parts, path: readonly string[]): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return undefined;
  if (segment.startsWith(CONDITION)) {
    return read(parts, "__typename") === segment.slice(CONDITION.length) ? valueAt(parts, rest) : undefined;
  }
  if (rest.length === 0) return read(parts, segment);
  return valueAt(
    parts.map((part) => asObject(part === undefined ? undefined : read([part], segment))),
    rest,
  );
}

function read(parts: Parts, key: string): unknown {
  return parts.reduce<unknown>(
    (found, part) => (part && Object.hasOwn(part, key) ? either(part[key], found) : found),
    undefined,
  );
}
