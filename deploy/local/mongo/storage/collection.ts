import { ObjectId, UUID } from "bson";
import { CommandError } from "../errors";
import { compileFilter, type Predicate } from "../query/compile-filter";
import { compileSchema, type Violation } from "../query/compile-schema";
import { bsonType } from "../values/bson-type";
import { createDocument, type Document, encodeDocument, isDocument, maxDocumentBytes } from "../values/document";
import { valueKey } from "../values/value-key";
import { CollectionIndex, type IndexSpec } from "./collection-index";
import { describeValue } from "./describe-value";

/** A change as the journal keeps it; replaying all of them in order gives the collection again. */
export type Change =
  | { op: "put"; document: Document }
  | { op: "remove"; id: unknown }
  | { op: "index"; spec: IndexSpec }
  | { op: "dropIndex"; name: string }
  | { op: "options"; options: Document };

/** Options of `create` and `collMod` that the server acts upon. */
export interface CollectionOptions extends Document {
  validator?: Document;
  validationLevel?: string;
  validationAction?: string;
}

interface CompiledValidator {
  readonly validator: Document;
  readonly isValid: Predicate;
  readonly violations: ((value: unknown) => Violation[]) | undefined;
}

/**
 * Documents of one collection with their indexes. Every method runs to its end within one turn of the event loop:
 * that is what makes each document update atomic. Either all of a change happens or the method throws.
 */
export class Collection {
  readonly uuid = new UUID().toString();
  readonly indexes = new Map<string, CollectionIndex>();
  /** By the key of `_id`, in insertion order. */
  readonly documents = new Map<string, Document>();
  options: CollectionOptions = {};
  private compiled: CompiledValidator | undefined;

  constructor(
    readonly namespace: string,
    private readonly record: (change: Change) => void,
  ) {
    this.indexes.set(
      "_id_",
      new CollectionIndex({ v: 2, key: createDocument({ _id: 1 }), name: "_id_", unique: true }),
    );
  }

  /** @param original the document that this one replaces; none for an insertion. */
  put(document: Document, original?: Document, bypassValidation = false): void {
    const size = encodeDocument(document).byteLength;
    if (size > maxDocumentBytes) {
      throw original
        ? new CommandError(17419, `Resulting document after update is larger than ${maxDocumentBytes}`)
        : new CommandError(10334, `object to insert too large. size in bytes: ${size}, max size: ${maxDocumentBytes}`);
    }
    if (!bypassValidation) this.validate(document, original);
    this.store(document, original);
    this.record({ op: "put", document });
  }

  remove(document: Document): void {
    const id = valueKey(document._id);
    for (const index of this.indexes.values()) index.remove(document, id);
    this.documents.delete(id);
    this.record({ op: "remove", id: document._id });
  }

  addIndex(spec: IndexSpec): void {
    const index = new CollectionIndex(spec);
    for (const [id, document] of this.documents) {
      const values = index.conflict(document, id);
      if (values) throw this.duplicateKey(index, values);
      index.add(document, id);
    }
    this.indexes.set(spec.name, index);
    this.record({ op: "index", spec });
  }

  dropIndex(name: string): void {
    this.indexes.delete(name);
    this.record({ op: "dropIndex", name });
  }

  setOptions(options: CollectionOptions): void {
    if (options.validator) compileFilter(options.validator);
    this.options = options;
    this.record({ op: "options", options });
  }

  /** Everything that makes this collection again from nothing: the content of a snapshot. */
  *history(): Generator<Change> {
    yield { op: "options", options: this.options };
    for (const { spec } of [...this.indexes.values()].slice(1)) yield { op: "index", spec };
    for (const document of this.documents.values()) yield { op: "put", document };
  }

  /** Applies a change read back from disk. */
  replay(change: Change): void {
    switch (change.op) {
      case "put":
        this.store(change.document, this.documents.get(valueKey(change.document._id)));
        break;
      case "remove": {
        const document = this.documents.get(valueKey(change.id));
        if (document) this.remove(document);
        break;
      }
      case "index":
        this.addIndex(change.spec);
        break;
      case "dropIndex":
        this.dropIndex(change.name);
        break;
      case "options":
        this.options = change.options;
        break;
    }
  }

  private store(document: Document, original: Document | undefined): void {
    const id = valueKey(document._id);
    if (!original && this.documents.has(id)) throw this.duplicateKey(this.indexes.get("_id_"), [document._id]);
    const indexes = [...this.indexes.values()].filter(({ spec }) => !original || spec.name !== "_id_");
    // All conflicts are found before anything changes. `conflict` of a non-unique index is free, so parallel arrays are
    // found by adding, and what was added until then is taken back.
    for (const index of indexes) {
      const values = index.conflict(document, id);
      if (values) throw this.duplicateKey(index, values);
    }
    if (original) for (const index of indexes) index.remove(original, id);
    const added: CollectionIndex[] = [];
    try {
      for (const index of indexes) {
        index.add(document, id);
        added.push(index);
      }
    } catch (error) {
      for (const index of added) index.remove(document, id);
      if (original) for (const index of indexes) index.add(original, id);
      throw error;
    }
    this.documents.set(id, document);
  }

  /** https://www.mongodb.com/docs/manual/core/schema-validation/ */
  private validate(document: Document, original: Document | undefined): void {
    const { validator, validationLevel = "strict", validationAction = "error" } = this.options;
    if (!validator || validationLevel === "off" || validationAction !== "error") return;
    if (this.compiled?.validator !== validator) {
      const { $jsonSchema } = validator;
      const violations = isDocument($jsonSchema) ? compileSchema($jsonSchema) : undefined;
      this.compiled = { validator, isValid: compileFilter(validator), violations };
    }
    const { isValid, violations } = this.compiled;
    if (isValid(document)) return;
    // "moderate" leaves documents alone that were invalid before.
    if (validationLevel === "moderate" && original && !isValid(original)) return;
    const details = violations
      ? { operatorName: "$jsonSchema", schemaRulesNotSatisfied: violations(document) }
      : { operatorName: "validator", specifiedAs: validator };
    throw new CommandError(121, "Document failed validation", {
      errInfo: { failingDocumentId: document._id, details },
    });
  }

  private duplicateKey(index: CollectionIndex | undefined, values: readonly unknown[]): CommandError {
    const { name = "_id_", key = createDocument({ _id: 1 }) } = index?.spec ?? {};
    const keyValue = createDocument();
    Object.keys(key).forEach((field, i) => (keyValue[field] = values[i] ?? null));
    const message = `E11000 duplicate key error collection: ${this.namespace} index: ${name} dup key: ${describeValue(keyValue)}`;
    return new CommandError(11000, message, { keyPattern: key, keyValue });
  }
}

/**
 * Gives an inserted document an `_id`, moves it to the front, and checks its type.
 * https://www.mongodb.com/docs/manual/core/document/#the-_id-field
 */
export function withId(document: Document): Document {
  const type = bsonType(document._id);
  if (type === "array" || type === "regex" || type === "undefined") {
    throw new CommandError(53, `The '_id' value cannot be of type ${type}`);
  }
  if (isDocument(document._id)) {
    const operator = Object.keys(document._id).find((name) => name.startsWith("$"));
    if (operator)
      throw new CommandError(
        52,
        `_id fields may not contain '$'-prefixed fields: ${operator} is not valid for storage.`,
      );
  }
  if (Object.keys(document)[0] === "_id") return document;
  const result = createDocument({ _id: document._id ?? new ObjectId() });
  for (const name of Object.keys(document)) if (name !== "_id") result[name] = document[name];
  return result;
}
