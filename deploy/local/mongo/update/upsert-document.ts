import { BSONRegExp } from "bson";
import { CommandError } from "../errors";
import { hasOperators } from "../query/compile-filter";
import { cloneValue, createDocument, type Document, isDocument } from "../values/document";
import { getPath, setPath } from "./update-path";

/**
 * The document an upsert starts from: the fields that the filter demands to equal one value.
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#upsert-with-dotted-_id-query
 * @throws CommandError 54 when the filter demands two values of one field.
 */
export function documentForUpsert(filter: Document): Document {
  const document = createDocument();
  for (const [path, value] of equalities(filter)) {
    const parts = path.split(".");
    if (getPath(document, parts) !== undefined) {
      throw new CommandError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
    }
    setPath(document, parts, cloneValue(value));
  }
  return document;
}

function equalities(filter: Document): [string, unknown][] {
  return Object.keys(filter).flatMap((name): [string, unknown][] => {
    const value = filter[name];
    const parts = name === "$and" || (name === "$or" && Array.isArray(value) && value.length === 1) ? value : undefined;
    if (Array.isArray(parts)) return parts.flatMap((part) => (isDocument(part) ? equalities(part) : []));
    if (name.startsWith("$") || value instanceof BSONRegExp) return [];
    if (!hasOperators(value)) return [[name, value]];
    if ("$eq" in value) return [[name, value.$eq]];
    const only = [value.$in, value.$all].find((list) => Array.isArray(list) && list.length === 1);
    return Array.isArray(only) && !(only[0] instanceof BSONRegExp) ? [[name, only[0]]] : [];
  });
}
