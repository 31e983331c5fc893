import { Binary, UUID } from "bson";
import { CommandError, notImplemented } from "../errors";
import { compileFilter } from "../query/compile-filter";
import { describeValue } from "../storage/describe-value";
import type { Collection, CollectionOptions } from "../storage/collection";
import { createDocument, type Document, isDocument } from "../values/document";
import { equalValues } from "../values/value-key";
import {
  collectionName,
  collectionOf,
  type CommandContext,
  type Commands,
  optionalBoolean,
  optionalCount,
  optionalDocument,
  refuseUnknownFields,
} from "./command";

const validationFields = ["validator", "validationLevel", "validationAction"];
/** Options of `create` that make another kind of collection. */
const otherKinds = [
  ...["capped", "size", "max", "viewOn", "pipeline", "timeseries", "expireAfterSeconds", "clusteredIndex"],
  ...["encryptedFields", "changeStreamPreAndPostImages", "storageEngine", "indexOptionDefaults"],
];

export const collectionCommands: Commands = {
  /** https://www.mongodb.com/docs/manual/reference/command/create/ */
  create: {
    fields: [...validationFields, ...otherKinds, "collation", "autoIndexId"],
    run: (command, context) => {
      const name = collectionName(command, context);
      for (const option of [...otherKinds, "collation"]) {
        if (command[option]) throw notImplemented(`the option '${option}' of create`);
      }
      const options = validationOptions(command);
      const existing = context.catalog.collection(context.database, name);
      if (existing && !equalValues(createDocument(existing.options), createDocument(options))) {
        throw new CommandError(48, `Collection ${existing.namespace} already exists.`);
      }
      if (!existing) context.catalog.create(context.database, name, options);
      return createDocument();
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/collMod/ */
  collMod: {
    fields: [...validationFields, "index"],
    run: (command, context) => {
      const collection = existingCollection(command, context);
      if (command.index !== undefined) modifyIndex(collection, command.index);
      const changes = validationOptions(command);
      if (Object.keys(changes).length > 0) collection.setOptions(createDocument({ ...collection.options, ...changes }));
      return createDocument();
    },
  },
  drop: {
    fields: [],
    run: (command, context) => {
      const collection = context.catalog.drop(context.database, collectionName(command, context));
      return createDocument({ nIndexesWas: collection.indexes.size, ns: collection.namespace });
    },
  },
  dropDatabase: {
    fields: [],
    run: (_, { catalog, database }) => {
      const collections = catalog.collections(database);
      for (const [name] of collections) catalog.drop(database, name);
      return createDocument(collections.length > 0 ? { dropped: database } : {});
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/listCollections/ */
  listCollections: {
    fields: ["filter", "nameOnly", "authorizedCollections", "cursor"],
    readOnly: true,
    run: (command, { catalog, cursors, database }) => {
      const matches = compileFilter(optionalDocument(command, "filter") ?? createDocument());
      const nameOnly = optionalBoolean(command, "nameOnly");
      const all = catalog.collections(database).map(([name, collection]) => describeCollection(name, collection));
      const found = all.filter((entry) => matches(entry));
      const answers = nameOnly ? found.map(({ name, type }) => createDocument({ name, type })) : found;
      return cursors.start(`${database}.$cmd.listCollections`, answers, batchSizeOf(command));
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/listDatabases/ */
  listDatabases: {
    fields: ["filter", "nameOnly", "authorizedDatabases"],
    readOnly: true,
    run: (command, { catalog, database }) => {
      if (database !== "admin") throw new CommandError(13, "listDatabases may only be run against the admin database.");
      const matches = compileFilter(optionalDocument(command, "filter") ?? createDocument());
      const nameOnly = optionalBoolean(command, "nameOnly");
      const databases = catalog
        .databaseNames()
        .map((name) => createDocument(nameOnly ? { name } : { name, sizeOnDisk: 0, empty: false }))
        .filter((entry) => matches(entry));
      return createDocument(nameOnly ? { databases } : { databases, totalSize: 0, totalSizeMb: 0 });
    },
  },
};

export function existingCollection(command: Document, context: CommandContext): Collection {
  const collection = collectionOf(command, context);
  if (collection) return collection;
  throw new CommandError(26, `ns does not exist: ${context.database}.${collectionName(command, context)}`);
}

export function batchSizeOf(command: Document): number | undefined {
  const cursor = optionalDocument(command, "cursor");
  return cursor && optionalCount(cursor, "batchSize");
}

function validationOptions(command: Document): CollectionOptions {
  const { validationLevel, validationAction } = command;
  const validator = optionalDocument(command, "validator");
  if (validator) refuseInValidator(validator);
  oneOf("validationLevel", validationLevel, ["off", "strict", "moderate"]);
  oneOf("validationAction", validationAction, ["error", "warn"]);
  return createDocument({
    ...(validator && { validator }),
    ...(validationLevel !== undefined && { validationLevel }),
    ...(validationAction !== undefined && { validationAction }),
  });
}

/** A validator sees one document and nothing else. */
function refuseInValidator(filter: Document): void {
  for (const operator of ["$text", "$where", "$near", "$nearSphere"]) {
    if (operator in filter) throw new CommandError(224, `${operator} is not allowed in this context`);
  }
  if ("$expr" in filter) throw notImplemented("$expr in a validator");
  compileFilter(filter);
}

function oneOf(field: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value as string)) return;
  throw new CommandError(2, `Enumeration value ${describeValue(value)} for field '${field}' is not a valid value.`);
}

function modifyIndex(collection: Collection, change: unknown): void {
  if (!isDocument(change)) throw new CommandError(14, "BSON field 'collMod.index' must be an object");
  refuseUnknownFields("collMod.index", change, ["name", "keyPattern", "expireAfterSeconds"]);
  const index = [...collection.indexes.values()].find(
    ({ spec }) =>
      spec.name === change.name || (isDocument(change.keyPattern) && equalValues(spec.key, change.keyPattern)),
  );
  if (!index) throw new CommandError(27, "cannot find index for collMod");
  const spec = { ...index.spec, expireAfterSeconds: change.expireAfterSeconds };
  collection.dropIndex(index.spec.name);
  collection.addIndex(createDocument(spec) as typeof index.spec);
}

function describeCollection(name: string, collection: Collection): Document {
  return createDocument({
    name,
    type: "collection",
    options: collection.options,
    info: createDocument({ readOnly: false, uuid: new Binary(new UUID(collection.uuid).buffer, Binary.SUBTYPE_UUID) }),
    idIndex: createDocument({ v: 2, key: createDocument({ _id: 1 }), name: "_id_" }),
  });
}
