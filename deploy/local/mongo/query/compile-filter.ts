import { BSONRegExp } from "bson";
import { CommandError, notImplemented } from "../errors";
import { type Document, isDocument } from "../values/document";
import { compileSchema } from "./compile-schema";
import { compileCondition, type Condition } from "./field-condition";
import { compileTextSearch } from "./text-search";
import type { ArrayPositions } from "./walk-path";

export type Predicate = (document: Document, positions?: ArrayPositions) => boolean;

/** What a filter needs from outside of the document. */
export interface FilterScope {
  /** Evaluates the aggregation expression of `$expr` with the command's `let` variables. */
  evaluate?: (expression: unknown, document: Document) => unknown;
  /** Fields and weights of the collection's text index. */
  textFields?: ReadonlyMap<string, number>;
}

/**
 * Compiles a query filter: https://www.mongodb.com/docs/manual/reference/operator/query/
 * @throws CommandError with the server's code and wording for anything it does not know.
 */
export function compileFilter(filter: unknown, scope: FilterScope = {}): Predicate {
  if (!isDocument(filter)) throw new CommandError(14, "Expected field filter to be of type object");
  const parts = Object.keys(filter).map((name) => compilePart(name, filter[name], scope));
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return (document, positions) => parts.every((part) => part(document, positions));
}

function compilePart(name: string, value: unknown, scope: FilterScope): Predicate {
  if (!name.startsWith("$")) return compileField(name, value, scope);
  switch (name) {
    case "$and": {
      const branches = compileBranches(name, value, scope);
      return (document, positions) => branches.every((branch) => branch(document, positions));
    }
    case "$or": {
      const branches = compileBranches(name, value, scope);
      return (document, positions) => branches.some((branch) => branch(document, positions));
    }
    case "$nor": {
      const branches = compileBranches(name, value, scope);
      return (document) => !branches.some((branch) => branch(document));
    }
    case "$expr": {
      const { evaluate } = scope;
      if (!evaluate) throw new CommandError(224, "$expr is not allowed in this context");
      return (document) => isTrue(evaluate(value, document));
    }
    case "$jsonSchema": {
      const violations = compileSchema(value);
      return (document) => violations(document).length === 0;
    }
    case "$text":
      return compileTextSearch(value, scope.textFields);
    case "$comment":
      return () => true;
    case "$alwaysTrue":
      return () => true;
    case "$alwaysFalse":
      return () => false;
    case "$where":
      throw new CommandError(2, "no globalScriptEngine in $where parsing");
    case "$sampleRate":
      throw notImplemented(name);
    default:
      throw new CommandError(
        2,
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function compileBranches(operator: string, value: unknown, scope: FilterScope): Predicate[] {
  if (!Array.isArray(value)) throw new CommandError(2, `${operator} must be an array`);
  if (value.length === 0) throw new CommandError(2, "$and/$or/$nor must be a nonempty array");
  return value.map((branch) => {
    if (!isDocument(branch)) throw new CommandError(2, "$or/$and/$nor entries need to be full objects");
    return compileFilter(branch, scope);
  });
}

function compileField(name: string, value: unknown, scope: FilterScope): Predicate {
  const path = name.split(".");
  const condition: Condition = compileCondition(value, (filter) => compileFilter(filter, scope));
  return (document, positions) => condition(document, path, positions);
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/toBool/ */
function isTrue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0;
}

/** Whether a field's value in a filter is a set of operators (`{ $gt: 1 }`) rather than a value to equal. */
export function hasOperators(value: unknown): value is Document {
  return isDocument(value) && !(value instanceof BSONRegExp) && (Object.keys(value)[0]?.startsWith("$") ?? false);
}
