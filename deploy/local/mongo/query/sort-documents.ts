import { CommandError } from "../errors";
import { indexKeys } from "../storage/index-keys";
import { type Document, isDocument } from "../values/document";
import { isNumeric, numberKey, toNumber } from "../values/number";
import { valueKey } from "../values/value-key";

export interface SortField {
  readonly path: string;
  readonly direction: 1 | -1;
  /** Sorts by the relevance of a text search instead of a field, best first. */
  readonly textScore?: boolean;
}

/** https://www.mongodb.com/docs/manual/reference/method/cursor.sort/ */
export function parseSort(sort: unknown): SortField[] {
  if (sort === undefined || sort === null) return [];
  if (!isDocument(sort)) throw new CommandError(14, "Expected field sort to be of type object");
  return Object.keys(sort).map((path) => {
    const value = sort[path];
    if (isDocument(value) && value.$meta === "textScore") return { path, direction: -1, textScore: true };
    const direction = isNumeric(value) ? toNumber(value) : 0;
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)");
    }
    if (path === "" || path.startsWith("$"))
      throw new CommandError(16410, "FieldPath field names may not start with '$'.");
    return { path, direction };
  });
}

export function sortDocuments(
  documents: readonly Document[],
  fields: readonly SortField[],
  score?: (document: Document) => number,
): Document[] {
  return sortBy(documents, (document) => document, fields, score);
}

/**
 * Sorts items by fields of a document each has, with keys made once per item: of an array the smallest element counts when
 * ascending, the largest when descending. Items that compare equal keep their order.
 */
export function sortBy<T>(
  items: readonly T[],
  documentOf: (item: T) => Document,
  fields: readonly SortField[],
  score: (document: Document) => number = () => 0,
): T[] {
  if (fields.length === 0) return [...items];
  const parsed = fields.map((field) => ({ ...field, path: [field.path.split(".")] }));
  const keyed = items.map((item) => {
    const document = documentOf(item);
    const keys = parsed.map(({ path, direction, textScore }) =>
      textScore ? numberKey(score(document)) : sortKey(document, path, direction),
    );
    return { item, keys };
  });
  keyed.sort((left, right) => {
    for (let i = 0; i < parsed.length; i++) {
      const [a, b] = [left.keys[i] as string, right.keys[i] as string];
      if (a !== b) return a < b === (parsed[i]?.direction ?? 1) > 0 ? -1 : 1;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

function sortKey(document: Document, path: string[][], direction: 1 | -1): string {
  const keys = indexKeys(document, path).keys.map(({ values }) => valueKey(values[0]));
  return keys.reduce((best, key) => (key < best === direction > 0 ? key : best));
}
