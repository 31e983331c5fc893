import { CommandError, notImplemented } from "../errors";
import { compileFilter } from "../query/compile-filter";
import { describeValue } from "../storage/describe-value";
import { CollectionIndex, type IndexSpec } from "../storage/collection-index";
import { createDocument, type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { equalValues } from "../values/value-key";
import { batchSizeOf, existingCollection } from "./collection-commands";
import { collectionName, type Commands, requiredArray } from "./command";

/** Options that decide what an index holds: two indexes on the same fields may not differ in them. */
const optionNames = ["unique", "sparse", "partialFilterExpression", "expireAfterSeconds", "weights"];
const ignorable = ["v", "key", "name", "background", "default_language", "language_override", "textIndexVersion", "ns"];

export const indexCommands: Commands = {
  /** https://www.mongodb.com/docs/manual/reference/command/createIndexes/ */
  createIndexes: {
    fields: ["indexes", "commitQuorum", "ignoreUnknownIndexOptions"],
    run: (command, context) => {
      const name = collectionName(command, context);
      const specs = requiredArray(command, "indexes").map(parseIndex);
      const created = !context.catalog.collection(context.database, name);
      const collection = context.catalog.ensure(context.database, name);
      const numIndexesBefore = collection.indexes.size;
      for (const spec of specs) if (!existsAlready(collection.indexes.values(), spec)) collection.addIndex(spec);
      const numIndexesAfter = collection.indexes.size;
      return createDocument({
        numIndexesBefore,
        numIndexesAfter,
        createdCollectionAutomatically: created,
        ...(numIndexesAfter === numIndexesBefore && { note: "all indexes already exist" }),
      });
    },
  },
  listIndexes: {
    fields: ["cursor"],
    readOnly: true,
    run: (command, context) => {
      const collection = existingCollection(command, context);
      const specs = [...collection.indexes.values()].map(({ spec }) =>
        // `_id_` is unique by nature and not shown as such.
        spec.name === "_id_" ? createDocument({ v: 2, key: spec.key, name: "_id_" }) : spec,
      );
      return context.cursors.start(collection.namespace, specs, batchSizeOf(command));
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/dropIndexes/ */
  dropIndexes: {
    fields: ["index"],
    run: (command, context) => {
      const collection = existingCollection(command, context);
      const nIndexesWas = collection.indexes.size;
      const all = [...collection.indexes.keys()].filter((name) => name !== "_id_");
      const wanted = Array.isArray(command.index) ? command.index : [command.index];
      const names = command.index === "*" ? all : wanted.map((index) => nameOf(collection.indexes.values(), index));
      for (const name of names) collection.dropIndex(name);
      return createDocument({ nIndexesWas });
    },
  },
};

function nameOf(indexes: Iterable<CollectionIndex>, wanted: unknown): string {
  for (const { spec } of indexes) {
    if (spec.name !== wanted && !(isDocument(wanted) && equalValues(spec.key, wanted))) continue;
    if (spec.name === "_id_") throw new CommandError(72, "cannot drop _id index");
    return spec.name;
  }
  const text =
    typeof wanted === "string"
      ? `index not found with name [${wanted}]`
      : `can't find index with key: ${describeValue(wanted)}`;
  throw new CommandError(27, text);
}

function parseIndex(given: Document): IndexSpec {
  const { key, name } = given;
  if (!isDocument(key) || Object.keys(key).length === 0)
    throw new CommandError(67, "Index keys cannot be an empty object");
  if (typeof name !== "string" || name === "")
    throw new CommandError(9, "The 'name' field is a required property of an index specification");
  for (const option of Object.keys(given)) {
    if (["collation", "hidden", "wildcardProjection", "storageEngine", "clustered", "prepareUnique"].includes(option)) {
      throw notImplemented(`the index option '${option}'`);
    }
    if (![...optionNames, ...ignorable].includes(option)) {
      throw new CommandError(
        197,
        `Error in specification ${describeValue(given)} :: caused by :: The field '${option}' is not valid for an index specification.`,
      );
    }
  }
  for (const field of Object.keys(key)) checkKey(field, key[field]);
  if (given.sparse && given.partialFilterExpression) {
    throw new CommandError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  }
  if (given.expireAfterSeconds !== undefined) checkExpiry(given);
  if (given.partialFilterExpression !== undefined) checkPartial(given.partialFilterExpression);
  const spec = createDocument({ v: 2, key, name });
  for (const option of optionNames) {
    // An option that is false is the same as none.
    if (given[option] !== undefined && given[option] !== false) spec[option] = given[option];
  }
  for (const option of ["unique", "sparse"]) if (isNumeric(spec[option])) spec[option] = toNumber(spec[option]) !== 0;
  return spec as IndexSpec;
}

function checkKey(field: string, value: unknown): void {
  if (field === "" || field.startsWith(".") || field.endsWith("."))
    throw new CommandError(67, "Index keys cannot be an empty field.");
  if (value === "text") return;
  if (field.includes("$**")) throw notImplemented("wildcard indexes");
  if (typeof value === "string") {
    const known = ["2d", "2dsphere", "hashed", "columnstore", "wildcard"].includes(value);
    throw known ? notImplemented(`the index type '${value}'`) : new CommandError(67, `Unknown index plugin '${value}'`);
  }
  if (!isNumeric(value) || Number.isNaN(toNumber(value)) || toNumber(value) === 0) {
    throw new CommandError(
      67,
      `Values in v:2 index key pattern must be numbers > 0 or numbers < 0 or strings: { ${field}: ${describeValue(value)} }`,
    );
  }
}

/** https://www.mongodb.com/docs/manual/core/index-ttl/ */
function checkExpiry(given: Document): void {
  const seconds = isNumeric(given.expireAfterSeconds) ? toNumber(given.expireAfterSeconds) : NaN;
  if (!(seconds >= 0 && seconds <= 2_147_483_647)) {
    throw new CommandError(
      67,
      "TTL index 'expireAfterSeconds' option must be within an acceptable range, between 0 and 2147483647 inclusive",
    );
  }
  if (isDocument(given.key) && Object.keys(given.key).length > 1) {
    throw new CommandError(67, "TTL indexes are single-field indexes, compound indexes do not support TTL.");
  }
}

/** https://www.mongodb.com/docs/manual/core/index-partial/#create-a-partial-index */
function checkPartial(expression: unknown): void {
  if (!isDocument(expression))
    throw new CommandError(67, "'partialFilterExpression' for an index has to be a document");
  const allowed = ["$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$in", "$and", "$or"];
  const refuse = (text: string) => new CommandError(67, `unsupported expression in partial index: ${text}`);
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isDocument(value)) return;
    for (const name of Object.keys(value)) {
      if (name.startsWith("$") && !allowed.includes(name)) throw refuse(describeValue(expression));
      if (name === "$exists" && value[name] === false) throw refuse(describeValue(expression));
      visit(value[name]);
    }
  };
  visit(expression);
  compileFilter(expression);
}

/** The same index again is fine; another one under its name or on its fields is not. */
function existsAlready(indexes: Iterable<CollectionIndex>, spec: IndexSpec): boolean {
  const options = (of: IndexSpec) =>
    createDocument(Object.fromEntries(optionNames.map((name) => [name, of[name] ?? null])));
  for (const { spec: other } of indexes) {
    const sameKey = equalValues(other.key, spec.key);
    if (other.name === "_id_" && sameKey) return true;
    const sameOptions = equalValues(options(other), options(spec));
    if (other.name === spec.name) {
      if (!sameKey) {
        throw new CommandError(
          86,
          `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${describeValue(spec)}, existing index: ${describeValue(other)}`,
        );
      }
      if (sameOptions) return true;
      throw new CommandError(
        85,
        `An equivalent index already exists with the same name but different options. Requested index: ${describeValue(spec)}, existing index: ${describeValue(other)}`,
      );
    }
    const partial = (of: IndexSpec) => of.partialFilterExpression ?? null;
    if (sameKey && equalValues(partial(other), partial(spec))) {
      throw new CommandError(85, `Index already exists with a different name: ${other.name}`);
    }
  }
  return false;
}
