import { CommandError } from "../errors";
import { compileFilter, type Predicate } from "../query/compile-filter";
import { indexedWords } from "../query/text-search";
import { type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { valueKey } from "../values/value-key";
import { indexKeys } from "./index-keys";
import { type Entry, SortedEntries } from "./sorted-entries";

/** An index as `createIndexes` takes it and `listIndexes` answers it. */
export interface IndexSpec extends Document {
  v: number;
  key: Document;
  name: string;
  unique?: boolean;
  sparse?: boolean;
  partialFilterExpression?: Document;
  expireAfterSeconds?: unknown;
}

/** One index of a collection: equality, ranges and order over its fields, kept in step by the collection. */
export class CollectionIndex {
  readonly fields: readonly string[];
  readonly directions: readonly number[];
  readonly entries: SortedEntries;
  /** Per field, whether any document ever had an array on its path; such fields cannot serve every query. */
  readonly multikey: boolean[];
  /** Weights of the fields of a text index; undefined for any other index. */
  readonly textFields: ReadonlyMap<string, number> | undefined;
  private readonly paths: readonly (readonly string[])[];
  private readonly covers: Predicate | undefined;

  constructor(readonly spec: IndexSpec) {
    this.textFields = textFieldsOf(spec);
    this.fields = this.textFields ? ["_fts"] : Object.keys(spec.key);
    this.directions = this.fields.map((field) =>
      isNumeric(spec.key[field]) && toNumber(spec.key[field]) < 0 ? -1 : 1,
    );
    this.paths = this.fields.map((field) => field.split("."));
    this.multikey = this.fields.map(() => false);
    this.entries = new SortedEntries(this.directions);
    this.covers = spec.partialFilterExpression && compileFilter(spec.partialFilterExpression);
  }

  get isMultikey(): boolean {
    return this.multikey.includes(true);
  }

  add(document: Document, id: string): void {
    for (const entry of this.entriesOf(document, id)) this.entries.insert(entry);
  }

  remove(document: Document, id: string): void {
    for (const entry of this.entriesOf(document, id)) this.entries.remove(entry);
  }

  /** The values with which `document` would collide with another document, or undefined when it may be stored. */
  conflict(document: Document, id: string): unknown[] | undefined {
    if (!this.spec.unique) return undefined;
    for (const { key } of this.entriesOf(document, id)) {
      for (const other of this.entries.scan({ low: { key, after: false }, high: { key, after: true } })) {
        if (other.id !== id) return this.valuesFor(document, key);
      }
    }
    return undefined;
  }

  /** @throws CommandError 171 when the document has parallel arrays on the fields' paths. */
  private entriesOf(document: Document, id: string): Entry[] {
    if (this.covers && !this.covers(document)) return [];
    if (this.textFields) return indexedWords(document, this.textFields).map((word) => ({ key: [valueKey(word)], id }));
    const { keys, multikey } = indexKeys(document, this.paths);
    multikey.forEach((is, i) => (this.multikey[i] ||= is));
    const indexed = this.spec.sparse ? keys.filter(({ allMissing }) => !allMissing) : keys;
    const distinct = new Map<string, Entry>();
    for (const { values } of indexed) {
      const key = values.map(valueKey);
      distinct.set(key.join("\0\0"), { key, id });
    }
    return [...distinct.values()];
  }

  /** The values behind one of the document's keys. */
  private valuesFor(document: Document, key: readonly string[]): unknown[] {
    const { keys } = indexKeys(document, this.paths);
    return keys.find(({ values }) => values.every((value, i) => valueKey(value) === key[i]))?.values ?? [];
  }
}

function textFieldsOf(spec: IndexSpec): Map<string, number> | undefined {
  const fields = Object.keys(spec.key).filter((field) => spec.key[field] === "text");
  if (fields.length === 0) return undefined;
  if (fields.length < Object.keys(spec.key).length) {
    throw new CommandError(238, "compound text indexes are not implemented by the embedded development server");
  }
  const weights = isDocument(spec.weights) ? spec.weights : {};
  return new Map(fields.map((field) => [field, isNumeric(weights[field]) ? toNumber(weights[field]) : 1]));
}
