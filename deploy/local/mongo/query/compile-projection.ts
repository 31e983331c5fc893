import { CommandError } from "../errors";
import { createDocument, type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { compileFilter } from "./compile-filter";
import { compileCondition } from "./field-condition";
import { type ArrayPositions, fieldOf } from "./walk-path";

/** What an operator in a projection may look at besides the document. */
export interface ProjectionScope {
  readonly positions?: ArrayPositions;
  readonly score?: number;
}
export type Projection = (document: Document, scope?: ProjectionScope) => Document;
type Evaluate = (expression: unknown, document: Document) => unknown;

type Leaf =
  | { kind: "include" | "exclude" | "positional" }
  | { kind: "array"; apply: (array: unknown[]) => unknown[] | undefined }
  | { kind: "compute"; value: (document: Document, scope: ProjectionScope) => unknown };
type Tree = Map<string, Leaf | Tree>;

/**
 * The projection of `find` and `findAndModify`: inclusion or exclusion, dotted paths, `$slice`, `$elemMatch`, the positional
 * `$`, `$meta` and expressions. With `stage` that of `$project`, where every operator is an expression. https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#projection
 */
export function compileProjection(spec: unknown, evaluate: Evaluate, { stage = false } = {}): Projection {
  if (spec === undefined || spec === null) return (document) => document;
  if (!isDocument(spec)) throw new CommandError(14, "Expected field projection to be of type object");
  if (Object.keys(spec).length === 0) return (document) => document;
  const tree: Tree = new Map();
  const mode: { inclusion?: boolean; id?: boolean; computes: boolean } = { computes: false };
  addFields(spec, [], tree, mode, stage, evaluate);
  const inclusion = mode.inclusion ?? (mode.computes || mode.id === true);
  if (inclusion && mode.id !== false && !tree.has("_id")) tree.set("_id", { kind: "include" });
  if (mode.id === false) tree.set("_id", { kind: "exclude" });
  const computed = [...computedFields(tree, [])];
  return (document, scope = {}) => {
    const result = projectDocument(document, tree, inclusion, scope);
    for (const { path, leaf } of computed) {
      const value = leaf.value(document, scope);
      if (value !== undefined) setPath(result, path, value);
    }
    return result;
  };
}

function addFields(
  spec: Document,
  prefix: readonly string[],
  tree: Tree,
  mode: { inclusion?: boolean; id?: boolean; computes: boolean },
  stage: boolean,
  evaluate: Evaluate,
): void {
  for (const name of Object.keys(spec)) {
    const value = spec[name];
    const parts = [...prefix, ...name.split(".")];
    const path = parts.join(".");
    if (path === "" || parts.includes("")) throw new CommandError(40353, "FieldPath must not end with a '.'.");
    if (isDocument(value) && !Object.keys(value)[0]?.startsWith("$")) {
      if (Object.keys(value).length === 0)
        throw new CommandError(51270, "An empty sub-projection is not a valid value.");
      addFields(value, parts, tree, mode, stage, evaluate);
      continue;
    }
    const positional = parts.at(-1) === "$";
    const leaf = positional ? ({ kind: "positional" } as const) : leafOf(value, stage, evaluate);
    if (path === "_id" && leaf.kind !== "compute") {
      mode.id = leaf.kind === "include";
      if (mode.id) insertLeaf(tree, parts, leaf);
      continue;
    }
    if (leaf.kind === "compute" && !isMeta(value)) mode.computes = true;
    if (leaf.kind === "array" && isDocument(value) && "$elemMatch" in value) mode.computes = true;
    if (leaf.kind === "include" || leaf.kind === "exclude" || positional) {
      const inclusion = leaf.kind !== "exclude";
      if (mode.inclusion !== undefined && mode.inclusion !== inclusion) {
        throw inclusion
          ? new CommandError(31253, `Cannot do inclusion on field ${path} in exclusion projection`)
          : new CommandError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
      }
      mode.inclusion = inclusion;
    }
    insertLeaf(tree, positional ? parts.slice(0, -1) : parts, leaf);
  }
}

function insertLeaf(tree: Tree, path: readonly string[], leaf: Leaf): void {
  let node = tree;
  for (const [i, name] of path.entries()) {
    const next = node.get(name);
    const last = i === path.length - 1;
    if (next && (last || !(next instanceof Map))) throw new CommandError(31249, `Path collision at ${path.join(".")}`);
    if (last) node.set(name, leaf);
    else if (next instanceof Map) node = next;
    else {
      const child: Tree = new Map();
      node.set(name, child);
      node = child;
    }
  }
}

function leafOf(value: unknown, stage: boolean, evaluate: Evaluate): Leaf {
  if (typeof value === "boolean") return { kind: value ? "include" : "exclude" };
  if (isNumeric(value)) return { kind: toNumber(value) === 0 ? "exclude" : "include" };
  if (isDocument(value) && !stage) {
    if ("$slice" in value && !Array.isArray((value.$slice as unknown[] | undefined)?.[0])) {
      const slice = sliceOf(value.$slice);
      if (slice) return { kind: "array", apply: slice };
    }
    if ("$elemMatch" in value) return { kind: "array", apply: elementOf(value.$elemMatch) };
    if ("$meta" in value) {
      if (value.$meta !== "textScore")
        throw new CommandError(17308, `Unsupported argument to $meta: ${String(value.$meta)}`);
      return { kind: "compute", value: (_, scope) => scope.score ?? 0 };
    }
  }
  return { kind: "compute", value: (document) => evaluate(value, document) };
}

function isMeta(value: unknown): boolean {
  return isDocument(value) && "$meta" in value;
}

function* computedFields(
  tree: Tree,
  prefix: string[],
): Generator<{ path: string[]; leaf: Leaf & { kind: "compute" } }> {
  for (const [name, node] of tree) {
    const path = [...prefix, name];
    if (node instanceof Map) yield* computedFields(node, path);
    else if (node.kind === "compute") yield { path, leaf: node };
  }
}

function projectDocument(
  document: Document,
  tree: Tree,
  inclusion: boolean,
  scope: ProjectionScope,
  path: readonly string[] = [],
): Document {
  const result = createDocument();
  for (const name of Object.keys(document)) {
    const node = tree.get(name);
    const value = projectValue(document[name], node, inclusion, scope, [...path, name]);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function projectValue(
  value: unknown,
  node: Leaf | Tree | undefined,
  inclusion: boolean,
  scope: ProjectionScope,
  path: readonly string[],
): unknown {
  if (!node) return inclusion ? undefined : value;
  if (node instanceof Map) {
    if (isDocument(value)) return projectDocument(value, node, inclusion, scope, path);
    if (!Array.isArray(value)) return inclusion ? undefined : value;
    return value
      .map((element: unknown) => projectValue(element, node, inclusion, scope, path))
      .filter((element) => element !== undefined);
  }
  switch (node.kind) {
    case "include":
      return value;
    case "exclude":
      return undefined;
    case "array":
      return Array.isArray(value) ? node.apply(value) : value;
    case "compute":
      return inclusion ? undefined : value;
    case "positional": {
      if (!Array.isArray(value)) return value;
      const index = scope.positions?.get(path.join(".")) ?? [...(scope.positions?.values() ?? [])].at(-1);
      if (index === undefined) {
        throw new CommandError(
          51246,
          "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
        );
      }
      return value.slice(index, index + 1);
    }
  }
}

/** `n`, or `[skip, n]`; anything else is the aggregation expression of the same name. */
function sliceOf(value: unknown): ((array: unknown[]) => unknown[]) | undefined {
  const numbers = (Array.isArray(value) ? value : [value]).map((part) => (isNumeric(part) ? toNumber(part) : NaN));
  if (numbers.some(Number.isNaN)) return undefined;
  if (!Array.isArray(value)) {
    const count = numbers[0] ?? 0;
    return (array) => (count < 0 ? array.slice(count) : array.slice(0, count));
  }
  const [skip = 0, count = 0] = numbers;
  if (numbers.length !== 2) throw new CommandError(28667, "$slice takes at most 2 arguments in a projection");
  if (count <= 0) throw new CommandError(28724, "First argument to $slice must be positive");
  return (array) => {
    const start = skip < 0 ? Math.max(0, array.length + skip) : skip;
    return array.slice(start, start + count);
  };
}

function elementOf(condition: unknown): (array: unknown[]) => unknown[] | undefined {
  if (!isDocument(condition)) throw new CommandError(31274, "elemMatch: Invalid argument, object required");
  const matches = compileCondition(createDocument({ $elemMatch: condition }), (filter) => compileFilter(filter));
  return (array) => {
    const element = array.find((candidate) => matches([candidate], []));
    return element === undefined ? undefined : [element];
  };
}

function setPath(target: Document, path: readonly string[], value: unknown): void {
  let node = target;
  for (const name of path.slice(0, -1)) {
    const next = fieldOf(node, name);
    node = (isDocument(next) ? next : (node[name] = createDocument())) as Document;
  }
  node[path.at(-1) as string] = value;
}
