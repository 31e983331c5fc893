import { CommandError } from "../errors";
import { compileFilter, type Predicate } from "../query/compile-filter";
import type { ArrayPositions } from "../query/walk-path";
import { describeValue } from "../storage/describe-value";
import { cloneValue, createDocument, type Document, isDocument } from "../values/document";
import { equalValues } from "../values/value-key";
import { type Change, keep, remove } from "./change";
import { type ArrayFilters, expandPath, getPath, parsePath, setPath, unsetPath } from "./update-path";
import { updateOperators } from "./update-operators";

export interface UpdateScope {
  /** Runs the stages of an update pipeline on one document. */
  readonly runPipeline: (stages: readonly Document[], document: Document) => Document;
}
export interface UpdateTarget {
  readonly positions?: ArrayPositions;
  /** The document is about to be inserted by an upsert: `$setOnInsert` takes part. */
  readonly inserting?: boolean;
}
/** Gives the updated copy of a document; the original is not touched. */
export type Update = (original: Document, target: UpdateTarget) => Document;

interface Step {
  readonly operator: string;
  readonly path: string[];
  readonly change: Change;
}

/**
 * Compiles operators, a replacement or a pipeline. https://www.mongodb.com/docs/manual/reference/command/update/
 * @throws CommandError for whatever can be refused without seeing a document.
 */
export function compileUpdate(update: unknown, arrayFilters: unknown, scope: UpdateScope): Update {
  if (Array.isArray(update)) {
    if (arrayFilters !== undefined) {
      throw new CommandError(9, "Cannot specify arrayFilters when executing a pipeline-style update");
    }
    return pipelineUpdate(update, scope);
  }
  if (!isDocument(update)) throw new CommandError(9, "Update argument must be either an object or an array");
  if (!Object.keys(update)[0]?.startsWith("$")) return replacement(update);
  const { filters, steps, renames } = compileOperators(update, arrayFilters);
  return (original, { positions, inserting = false }) => {
    const document = cloneValue(original);
    const touched = new Set<string>();
    const place = (field: string) => ({ field, id: original._id });
    for (const { operator, path, change } of steps) {
      if (operator === "$setOnInsert" && !inserting) continue;
      for (const concrete of expandPath(original, path, filters, positions)) {
        claim(touched, concrete);
        const current = getPath(document, concrete);
        const next = change(current, place(concrete.join(".")));
        if (next === keep) continue;
        if (next === remove) unsetPath(document, concrete);
        else setPath(document, concrete, cloneValue(next));
      }
    }
    for (const { from, to } of renames) rename(document, from, to, touched);
    if (original._id !== undefined) sameId("_id", original, document);
    return document;
  };
}

/** Whether every array filter is used is checked once, when the statement is compiled. */
function compileOperators(update: Document, arrayFilters: unknown) {
  const filters = compileArrayFilters(arrayFilters);
  const steps: Step[] = [];
  const renames: { from: string[]; to: string[] }[] = [];
  const paths: string[] = [];
  for (const operator of Object.keys(update)) {
    const fields = update[operator];
    const compile = updateOperators.get(operator === "$setOnInsert" ? "$set" : operator);
    if (!compile && operator !== "$rename") {
      throw new CommandError(
        9,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDocument(fields)) {
      throw new CommandError(
        9,
        `Modifiers operate on fields but we found another type instead. For example: {$mod: {<field>: ...}} not {${operator}: ${describeValue(fields)}}`,
      );
    }
    for (const field of Object.keys(fields)) {
      const path = parsePath(field);
      paths.push(field);
      if (compile) steps.push({ operator, path, change: compile(fields[field], field) });
      else {
        const to = parseRename(field, fields[field]);
        paths.push(to.join("."));
        renames.push({ from: path, to });
      }
    }
  }
  refuseConflicts(paths);
  for (const identifier of filters.keys()) {
    if (!paths.some((path) => path.includes(`$[${identifier}]`))) {
      throw new CommandError(
        9,
        `The array filter for identifier '${identifier}' was not used in the update ${describeValue(update)}`,
      );
    }
  }
  // "Update operators process fields in lexicographic order, numeric names in numeric order."
  steps.sort((a, b) => comparePaths(a.path, b.path));
  return { filters, steps, renames };
}

/** https://www.mongodb.com/docs/manual/reference/operator/update/positional-filtered/ */
function compileArrayFilters(arrayFilters: unknown): ArrayFilters {
  if (arrayFilters === undefined) return new Map();
  if (!Array.isArray(arrayFilters)) throw new CommandError(14, "arrayFilters must be an array");
  const filters = new Map<string, Predicate>();
  for (const filter of arrayFilters) {
    if (!isDocument(filter)) throw new CommandError(14, "Each array filter must be an object");
    const names = [...new Set(identifiersOf(filter))];
    const [identifier, other] = names;
    if (identifier === undefined) {
      throw new CommandError(9, "Cannot use an expression without a top-level field name in arrayFilters");
    }
    if (other !== undefined) {
      throw new CommandError(
        9,
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${identifier}' and '${other}'`,
      );
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
      throw new CommandError(
        2,
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      );
    }
    if (filters.has(identifier)) {
      throw new CommandError(9, `Found multiple array filters with the same top-level field name ${identifier}`);
    }
    filters.set(identifier, compileFilter(filter));
  }
  return filters;
}

function identifiersOf(filter: Document): string[] {
  return Object.keys(filter).flatMap((name) => {
    const value = filter[name];
    if (!name.startsWith("$")) return [name.split(".")[0] ?? name];
    return Array.isArray(value) ? value.flatMap((part) => (isDocument(part) ? identifiersOf(part) : [])) : [];
  });
}

function replacement(update: Document): Update {
  const dollar = Object.keys(update).find((name) => name.startsWith("$"));
  if (dollar) {
    throw new CommandError(
      52,
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
  return (original) => {
    const document = createDocument({ _id: update._id ?? original._id });
    if (document._id === undefined) delete document._id;
    for (const name of Object.keys(update)) document[name] = update[name];
    if (original._id !== undefined) sameId("replacement", original, document);
    return document;
  };
}

function pipelineUpdate(stages: readonly unknown[], scope: UpdateScope): Update {
  const allowed = ["$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"];
  for (const stage of stages) {
    const name = isDocument(stage) ? Object.keys(stage)[0] : undefined;
    if (name === undefined) throw new CommandError(14, "Each element of the 'pipeline' array must be an object");
    if (!allowed.includes(name)) throw new CommandError(72, `${name} is not allowed to be used within an update`);
  }
  return (original) => {
    const document = scope.runPipeline(stages as Document[], original);
    if (original._id === undefined) return document;
    if (document._id === undefined) return Object.assign(createDocument({ _id: original._id }), document);
    sameId("_id", original, document);
    return document;
  };
}

function sameId(kind: "_id" | "replacement", original: Document, document: Document): void {
  if (equalValues(original._id, document._id)) return;
  throw kind === "_id"
    ? new CommandError(66, "Performing an update on the path '_id' would modify the immutable field '_id'")
    : new CommandError(
        66,
        `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${describeValue(document._id)}`,
      );
}

function parseRename(from: string, to: unknown): string[] {
  if (typeof to !== "string")
    throw new CommandError(2, `The 'to' field for $rename must be a string: ${from}: ${describeValue(to)}`);
  if (from === to) throw new CommandError(2, `The source and target field for $rename must differ: ${from}: "${to}"`);
  const path = parsePath(to);
  if ([...path, ...from.split(".")].some((part) => part.startsWith("$"))) {
    throw new CommandError(2, `The source and destination fields for $rename may not be dynamic: ${from}`);
  }
  return path;
}

function rename(document: Document, from: string[], to: string[], touched: Set<string>): void {
  for (const [path, role] of [
    [from, "source"],
    [to, "destination"],
  ] as const) {
    for (let i = 1; i < path.length; i++) {
      if (Array.isArray(getPath(document, path.slice(0, i)))) {
        throw new CommandError(
          2,
          `The ${role} field cannot be an array element, '${path.join(".")}' in doc with _id: ${describeValue(document._id)} has an array field called '${path[i - 1]}'`,
        );
      }
    }
  }
  const value = getPath(document, from);
  if (value === undefined) return;
  claim(touched, from);
  claim(touched, to);
  unsetPath(document, from);
  setPath(document, to, value);
}

function refuseConflicts(paths: readonly string[]): void {
  const touched = new Set<string>();
  for (const path of paths) claim(touched, path.split("."));
}

/** No path may be changed twice, nor together with a path below it. */
function claim(touched: Set<string>, path: readonly string[]): void {
  const text = path.join(".");
  const conflict = [...touched].find(
    (other) => other === text || other.startsWith(`${text}.`) || text.startsWith(`${other}.`),
  );
  if (conflict !== undefined) {
    const shorter = conflict.length < text.length ? conflict : text;
    throw new CommandError(40, `Updating the path '${text}' would create a conflict at '${shorter}'`);
  }
  touched.add(text);
}

function comparePaths(left: readonly string[], right: readonly string[]): number {
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [a, b] = [left[i] as string, right[i] as string];
    if (a === b) continue;
    const numeric = /^\d+$/.test(a) && /^\d+$/.test(b);
    return (numeric ? Number(a) - Number(b) : a < b ? -1 : 1) || 0;
  }
  return left.length - right.length;
}
