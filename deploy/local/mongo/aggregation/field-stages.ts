import type { AnyObject, Options } from "mingo/types";
import { evalExpr } from "mingo/core";
import type { Iterator } from "mingo/lazy";
import { CommandError } from "../errors";
import { compileProjection } from "../query/compile-projection";
import { fieldOf } from "../query/walk-path";
import { cloneValue, createDocument, type Document, isDocument } from "../values/document";

/*
 * The stages that write fields by name. mingo's would write through a field called `constructor` into the prototype of all
 * objects, and lose one called `__proto__`; documents made here inherit nothing.
 */

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/project/ */
export function projectStage(documents: Iterator, argument: unknown, options: Options): Iterator {
  if (!isDocument(argument) || Object.keys(argument).length === 0) {
    throw new CommandError(
      51272,
      "Invalid $project :: caused by :: projection specification must have at least one field",
    );
  }
  const evaluate = (expression: unknown, document: Document) => evalExpr(document, expression, options);
  const project = compileProjection(argument, evaluate, { stage: true });
  return documents.map((document) => project(document as Document));
}

export function unsetStage(documents: Iterator, argument: unknown, options: Options): Iterator {
  const names = Array.isArray(argument) ? argument : [argument];
  if (names.length === 0 || names.some((name) => typeof name !== "string" || name === "")) {
    throw new CommandError(31120, "$unset specification must be a string or an array containing only string values");
  }
  const spec = createDocument();
  for (const name of names) spec[String(name)] = 0;
  return projectStage(documents, spec, options);
}

/** Also `$set`. https://www.mongodb.com/docs/manual/reference/operator/aggregation/addFields/ */
export function addFieldsStage(documents: Iterator, argument: unknown, options: Options): Iterator {
  if (!isDocument(argument)) throw new CommandError(40272, "$addFields specification stage must be an object");
  const fields = Object.keys(argument).map((name) => ({ path: name.split("."), expression: argument[name] }));
  if (fields.some(({ path }) => path.includes(""))) {
    throw new CommandError(40353, "FieldPath must not end with a '.'.");
  }
  return documents.map((document: AnyObject) => {
    let result = document as Document;
    for (const { path, expression } of fields) {
      const value = evalExpr(document, expression, options);
      result = withField(result, path, value) as Document;
    }
    return result;
  });
}

/** A copy with the field set, in every element of an array on the way; a missing value takes the field away. */
function withField(holder: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return cloneValue(value);
  if (Array.isArray(holder)) return holder.map((element) => withField(element, [name, ...rest], value));
  const copy = isDocument(holder) ? createDocument(holder) : createDocument();
  if (value === undefined && rest.length === 0) delete copy[name];
  else copy[name] = withField(fieldOf(copy, name), rest, value);
  return copy;
}
