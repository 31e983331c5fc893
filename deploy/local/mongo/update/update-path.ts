import { CommandError } from "../errors";
import type { Predicate } from "../query/compile-filter";
import { type ArrayPositions, arrayIndex, fieldOf } from "../query/walk-path";
import { describeValue } from "../storage/describe-value";
import { createDocument, type Document, isDocument } from "../values/document";

export type ArrayFilters = ReadonlyMap<string, Predicate>;

/** https://www.mongodb.com/docs/manual/reference/limits/ has no bound; the server refuses to fill up more than this. */
const mostPadding = 1_500_000;

/** @throws CommandError for a path that no field may have. */
export function parsePath(path: string): string[] {
  const parts = path.split(".");
  if (path === "") throw new CommandError(56, "An empty update path is not valid.");
  if (parts.includes("")) {
    throw new CommandError(56, `The update path '${path}' contains an empty field name, which is not allowed.`);
  }
  const wrong = parts.find((part, i) => part.startsWith("$") && (i === 0 || !/^\$(\[\w*\])?$/.test(part)));
  if (wrong !== undefined && !["$id", "$ref", "$db"].includes(wrong)) {
    throw parts[0] === "$" || parts[0]?.startsWith("$[")
      ? new CommandError(
          2,
          `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`,
        )
      : new CommandError(
          52,
          `The dollar ($) prefixed field '${wrong}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
        );
  }
  return parts;
}

/** The paths without `$`, `$[]` and `$[identifier]` that a path means in this document. */
export function expandPath(
  document: Document,
  path: readonly string[],
  filters: ArrayFilters,
  positions: ArrayPositions | undefined,
): string[][] {
  const at = path.findIndex((part) => part.startsWith("$") && !["$id", "$ref", "$db"].includes(part));
  if (at < 0) return [[...path]];
  const before = path.slice(0, at);
  const rest = path.slice(at + 1);
  const indexes = chooseElements(document, before, path[at] as string, path, filters, positions);
  return indexes.flatMap((index) => expandPath(document, [...before, String(index), ...rest], filters, positions));
}

function chooseElements(
  document: Document,
  before: readonly string[],
  operator: string,
  path: readonly string[],
  filters: ArrayFilters,
  positions: ArrayPositions | undefined,
): number[] {
  if (operator === "$") {
    const index = positions?.get(before.join(".")) ?? [...(positions?.values() ?? [])].at(-1);
    if (index === undefined) {
      throw new CommandError(2, "The positional operator did not find the match needed from the query.");
    }
    return [index];
  }
  const array = getPath(document, before);
  const prefix = before.join(".");
  if (array === undefined) {
    throw new CommandError(2, `The path '${prefix}' must exist in the document in order to apply array updates.`);
  }
  if (!Array.isArray(array)) {
    throw new CommandError(
      2,
      `Cannot apply array updates to non-array element ${before.at(-1)}: ${describeValue(array)}`,
    );
  }
  const identifier = operator.slice(2, -1);
  if (identifier === "") return array.map((_, index) => index);
  const filter = filters.get(identifier);
  if (!filter) {
    throw new CommandError(2, `No array filter found for identifier '${identifier}' in path '${path.join(".")}'`);
  }
  return array.flatMap((element: unknown, index) => (filter(createDocument({ [identifier]: element })) ? [index] : []));
}

export function getPath(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const name of path) {
    const index = arrayIndex(name);
    if (isDocument(value)) value = fieldOf(value, name);
    else if (Array.isArray(value) && index !== undefined) value = value[index];
    else return undefined;
  }
  return value;
}

/** Sets a value, making the documents on the way. @throws CommandError 28 where something else is in the way. */
export function setPath(root: Document, path: readonly string[], value: unknown): void {
  let node: unknown = root;
  for (const [i, name] of path.entries()) {
    const last = i === path.length - 1;
    if (Array.isArray(node)) {
      const index = arrayIndex(name);
      if (index === undefined) throw notViable(path, i, node);
      if (index - node.length > mostPadding) throw new CommandError(2, `can't backfill more than ${mostPadding} nulls`);
      while (node.length < index) node.push(null);
      if (last) node[index] = value;
      else node = node[index] ??= createDocument();
    } else if (isDocument(node)) {
      if (last) node[name] = value;
      else {
        const next = fieldOf(node, name);
        node = next === undefined ? (node[name] = createDocument()) : next;
      }
    } else throw notViable(path, i, node);
  }
}

/** Removes a field; an array element becomes null, as the manual says of `$unset`. */
export function unsetPath(root: Document, path: readonly string[]): void {
  const parent = getPath(root, path.slice(0, -1));
  const name = path.at(-1) as string;
  const index = arrayIndex(name);
  if (isDocument(parent)) delete parent[name];
  else if (Array.isArray(parent) && index !== undefined && index < parent.length) parent[index] = null;
}

function notViable(path: readonly string[], at: number, node: unknown): CommandError {
  const holder = path[at - 1] ?? "";
  return new CommandError(28, `Cannot create field '${path[at]}' in element {${holder}: ${describeValue(node)}}`);
}
