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
  let best: Operation | undefined;
  let most = -1;
  let others: Set<"GET" | "POST"> | undefined;
  for (const operation of operations) {
    if (!fits(operation.segments, path)) continue;
    if (operation.binding.method !== method) {
      (others ??= new Set()).add(operation.binding.method);
      continue;
    }
    const literals = literalsOf(operation.segments);
    if (literals <= most) continue;
    best = operation;
    most = literals;
  }
  return best ?? [...(others ?? [])];
}

function fits(segments: readonly RestSegment[], path: readonly string[]): boolean {
  if (segments.length !== path.length) return false;
  for (const [index, segment] of segments.entries()) {
    const part = path[index];
    if ("literal" in segment ? segment.literal !== part : part === undefined || part === "") return false;
  }
  return true;
}

const literalsOf = (segments: readonly RestSegment[]) => segments.filter((segment) => "literal" in segment).length;
