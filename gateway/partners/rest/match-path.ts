import type { RestSegment } from "../../../schema/rest-path";

/** What a path is matched against; of two that fit the manifest lets the more exact one be told. */
interface Matchable {
  readonly segments: readonly RestSegment[];
  readonly binding: { readonly method: "GET" | "POST" };
}

/**
 * @param path decoded parts
 * @returns the operation, or the methods by which something else is there: none when nothing is
 */
export function matchPath<Operation extends Matchable>(
  operations: readonly Operation[],
  method: "GET" | "POST",
  path: readonly string[],
): Operation | readonly ("GET" | "POST")[] {
  const fitting = operations.filter(({ segments }) => fits(segments, path));
  let best: Operation | undefined;
  for (const operation of fitting) {
    if (operation.binding.method !== method) continue;
    if (!best || literalsOf(operation) > literalsOf(best)) best = operation;
  }
  return best ?? [...new Set(fitting.map(({ binding }) => binding.method))];
}

const fits = (segments: readonly RestSegment[], path: readonly string[]) =>
  segments.length === path.length &&
  segments.every((segment, index) =>
    "literal" in segment ? segment.literal === path[index] : path[index] !== undefined && path[index] !== "",
  );

const literalsOf = ({ segments }: Matchable) => segments.filter((segment) => "literal" in segment).length;
