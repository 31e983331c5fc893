import { BSON, BSONRegExp, DBRef, Double, Int32 } from "bson";
import { CommandError } from "../errors";

/** A stored or received document. Never changed in place once stored: cursors and indexes share it. */
export interface Document {
  [field: string]: unknown;
}

/** https://www.mongodb.com/docs/manual/reference/limits/#std-label-limit-bson-document-size */
export const maxDocumentBytes = 16 * 1024 * 1024;
const maxDepth = 200;

// Fields named `__proto__` or `constructor` are ordinary data: documents inherit from an object with no prototype, so that
// writing such a field makes a field and reading a missing one gives undefined. (`Object.create(null)` itself would be slow.)
const Bag = function () {} as unknown as new () => Document;
Bag.prototype = Object.create(null);

export function createDocument(fields?: Readonly<Record<string, unknown>>): Document {
  const document = new Bag();
  if (fields) for (const name of Object.keys(fields)) document[name] = fields[name];
  return document;
}

/** A plain (sub)document: no array, no date, no BSON value such as ObjectId. */
export function isDocument(value: unknown): value is Document {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    (value as { _bsontype?: unknown })._bsontype === undefined
  );
}

/**
 * Reads BSON without losing a number's type. A JavaScript number stands for exactly what `BSON.serialize` writes for it
 * (int32 when it is a whole number that fits, else double); every other number stays a `Double`, `Long` or `Decimal128`.
 */
export function decodeDocument(bytes: Uint8Array): Document {
  let raw: unknown;
  try {
    raw = BSON.deserialize(bytes, { promoteValues: false, promoteBuffers: false, bsonRegExp: true });
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new CommandError(22, `invalid BSON: ${(error as Error).message}`);
  }
  return fromBson(raw, 0) as Document;
}

export function encodeDocument(document: Document): Uint8Array {
  return BSON.serialize(document);
}

/** A deep copy that may be changed; scalar values are immutable and shared. */
export function cloneValue<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloneValue) as T;
  if (!isDocument(value)) return value;
  const copy = createDocument();
  for (const name of Object.keys(value)) copy[name] = cloneValue(value[name]);
  return copy as T;
}

/** The value in document form: used for values a library built with ordinary objects. */
export function fromBson(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new CommandError(15, `BSONObj exceeded maximum nested object depth: ${maxDepth}`);
  if (typeof value !== "object" || value === null) return value ?? null;
  if (value instanceof Int32) return value.value;
  if (value instanceof Double) return doubleValue(value.value);
  if (Array.isArray(value)) return value.map((element) => fromBson(element, depth + 1));
  if (value instanceof RegExp) return new BSONRegExp(value.source, value.flags.replace(/[^imsx]/g, ""));
  if (value instanceof DBRef) return fromBson(withoutClass(value), depth);
  if (Object.hasOwn(value, "_bsontype")) {
    // js-bson would take such a document for one of its own values when writing it.
    throw new CommandError(2, "a field named '_bsontype' cannot be stored by the embedded development server");
  }
  if (!isDocument(value)) return value;
  const document = createDocument();
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined) document[name] = fromBson(value[name], depth + 1);
  }
  return document;
}

/** A double as a JavaScript number where that is written as a double again, else wrapped. */
export function doubleValue(value: number): number | Double {
  const writtenAsInt32 = Number.isInteger(value) && value === (value | 0) && !Object.is(value, -0);
  return writtenAsInt32 ? new Double(value) : value;
}

function withoutClass(reference: DBRef): Document {
  const { collection, oid, db, fields } = reference;
  return { $ref: collection, $id: oid, ...(db === undefined ? {} : { $db: db }), ...fields };
}
