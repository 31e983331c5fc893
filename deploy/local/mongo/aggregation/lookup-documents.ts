import { evalExpr } from "mingo/core";
import type { Iterator } from "mingo/lazy";
import type { AnyObject, Options } from "mingo/types";
import { CommandError } from "../errors";
import { valuesAt } from "../query/walk-path";
import { createDocument, type Document, fromBson, isDocument } from "../values/document";
import { toPlain } from "./to-plain";

interface LookupSource {
  find(collection: string, filter: Document): Document[];
  run(documents: Document[], stages: readonly Document[], variables: AnyObject): Document[];
}

const fields = ["from", "as", "localField", "foreignField", "let", "pipeline"];

/**
 * `$lookup` through the query planner, so that a join uses the foreign collection's index.
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/
 */
export function lookupDocuments(
  documents: Iterator,
  argument: AnyObject,
  options: Options,
  source: LookupSource,
): Iterator {
  const unknown = Object.keys(argument).find((name) => !fields.includes(name));
  if (unknown) throw new CommandError(9, `unknown argument to $lookup: ${unknown}`);
  const { from, as, localField, foreignField } = argument;
  if (typeof as !== "string") throw new CommandError(9, "must specify 'as' field for a $lookup");
  if ((localField === undefined) !== (foreignField === undefined)) {
    throw new CommandError(9, "$lookup requires both or neither of 'localField' and 'foreignField' to be specified");
  }
  if (localField === undefined && argument.pipeline === undefined) {
    throw new CommandError(
      9,
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  }
  if (typeof from !== "string" && !isDocumentsPipeline(argument.pipeline)) {
    throw new CommandError(9, "missing 'from' option to $lookup stage specification");
  }
  const stages = argument.pipeline === undefined ? undefined : (fromBson(argument.pipeline, 0) as Document[]);

  return documents.map((document: AnyObject) => {
    const filter = createDocument();
    if (typeof localField === "string" && typeof foreignField === "string") {
      const values = valuesAt(document, localField.split("."));
      filter[foreignField] = createDocument({ $in: values.length > 0 ? fromBson(values, 0) : [null] });
    }
    let found = typeof from === "string" ? source.find(from, filter) : [];
    if (stages) {
      const variables = argument.let ? (evalExpr(document, argument.let, options) as AnyObject) : {};
      found = source.run(found, stages, { ...options.variables, ...variables });
    }
    const result: AnyObject = { ...document };
    setField(result, as.split("."), found.map(toPlain));
    return result;
  }) as Iterator;
}

function isDocumentsPipeline(pipeline: unknown): boolean {
  const [first] = Array.isArray(pipeline) ? (pipeline as unknown[]) : [];
  return isDocument(first) && "$documents" in first;
}

function setField(target: AnyObject, [name = "", ...rest]: string[], value: unknown): void {
  if (name === "__proto__") throw new CommandError(2, "a $lookup cannot write the field '__proto__'");
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const child: AnyObject = isDocument(target[name]) ? { ...target[name] } : {};
  target[name] = child;
  setField(child, rest, value);
}
