import type { FetchDataRewrite } from "@apollo/query-planner";
import type { SupergraphTypes } from "../layout/supergraph-types";
import { merged } from "./merged";

const CONDITION = "... on ";

/**
 * Changes data in place as a plan's rewrites say: sets a value, or gives a key another name, at every place that the path leads to. Lists on the
 * way are entered; a segment `... on T` holds for objects of the type, and for those that nobody asked for theirs: the planner's own names are for
 * one type each, so that nothing else has them.
 */
export function rewriteData(data: unknown, rewrites: readonly FetchDataRewrite[], types: SupergraphTypes): void {
  for (const rewrite of rewrites) rewriteAt(data, rewrite.path, rewrite, types);
}

function rewriteAt(data: unknown, path: readonly string[], rewrite: FetchDataRewrite, types: SupergraphTypes): void {
  if (typeof data !== "object" || data === null) return;
  if (Array.isArray(data)) {
    for (const item of data) rewriteAt(item, path[0] === "@" ? path.slice(1) : path, rewrite, types);
    return;
  }
  const object = data as Record<string, unknown>;
  const [segment, ...rest] = path;
  if (segment === undefined) return;
  if (segment.startsWith(CONDITION)) {
    const { __typename: name } = object;
    const holds = name === undefined || types.namesUnder(segment.slice(CONDITION.length)).has(String(name));
    if (holds) rewriteAt(object, rest, rewrite, types);
    return;
  }
  if (rest.length > 0) {
    if (Object.hasOwn(object, segment)) rewriteAt(object[segment], rest, rewrite, types);
    return;
  }
  if (rewrite.kind === "ValueSetter") {
    object[segment] = rewrite.setValueTo;
  } else if (Object.hasOwn(object, segment)) {
    object[rewrite.renameKeyTo] = told(object[rewrite.renameKeyTo], object[segment]);
    Reflect.deleteProperty(object, segment);
  }
}

/** One field of an object, asked for under two names with different selections: null where the subgraph said null to either. */
const told = (known: unknown, value: unknown): unknown => (known === null ? null : merged(known, value));
