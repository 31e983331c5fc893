import { ObjectId } from "bson";
import { asCommandError, CommandError, notImplemented } from "../errors";
import { runPipeline } from "../aggregation/run-pipeline";
import { compileProjection } from "../query/compile-projection";
import { selectDocuments, type Selected } from "../query/select-documents";
import type { ArrayPositions } from "../query/walk-path";
import { Collection, withId } from "../storage/collection";
import { compileUpdate, type Update } from "../update/compile-update";
import { documentForUpsert } from "../update/upsert-document";
import { createDocument, type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { identicalValues } from "../values/value-key";
import {
  collectionName,
  collectionOf,
  type CommandContext,
  type Commands,
  evaluateOf,
  optionalBoolean,
  optionalDocument,
  refuseCollation,
  refuseUnknownFields,
  requiredArray,
  scopeOf,
} from "./command";
import { maxWriteBatchSize } from "./handshake-commands";

const updateFields = ["q", "u", "c", "upsert", "multi", "arrayFilters", "hint", "collation"];

export const writeCommands: Commands = {
  /** https://www.mongodb.com/docs/manual/reference/command/insert/ */
  insert: {
    fields: ["documents", "ordered", "bypassDocumentValidation"],
    run: (command, context) => {
      const collection = writableCollection(command, context, true);
      const bypass = optionalBoolean(command, "bypassDocumentValidation");
      let n = 0;
      const errors = runStatements(command, "documents", (document) => {
        collection.put(withId(document), undefined, bypass);
        n++;
      });
      return createDocument({ n, ...errors });
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/update/ */
  update: {
    fields: ["updates", "ordered", "bypassDocumentValidation", "let"],
    run: (command, context) => {
      const mayInsert = requiredArray(command, "updates").some(({ upsert }) => upsert);
      const collection = writableCollection(command, context, mayInsert);
      const bypass = optionalBoolean(command, "bypassDocumentValidation");
      let n = 0;
      let nModified = 0;
      const upserted: Document[] = [];
      const errors = runStatements(command, "updates", (statement, index) => {
        refuseUnknownFields("update.updates", statement, updateFields);
        const multi = optionalBoolean(statement, "multi");
        const update = updateOf(statement.u, statement.arrayFilters, withConstants(command, statement), context);
        if (multi && isReplacement(statement.u)) {
          throw new CommandError(9, "multi update is not supported for replacement-style update");
        }
        const selected = selectStatement(statement, command, context, collection, multi ? 0 : 1);
        for (const original of selected.documents) {
          const updated = updateDocument(collection, selected, original, update, bypass);
          n++;
          if (updated) nModified++;
        }
        if (selected.documents.length === 0 && optionalBoolean(statement, "upsert")) {
          const inserted = upsert(collection, statement.q, update, bypass);
          upserted.push(createDocument({ index, _id: inserted._id }));
          n++;
        }
      });
      return createDocument({ n, nModified, ...(upserted.length > 0 && { upserted }), ...errors });
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/delete/ */
  delete: {
    fields: ["deletes", "ordered", "let"],
    run: (command, context) => {
      const collection = collectionOf(command, context);
      let n = 0;
      const errors = runStatements(command, "deletes", (statement) => {
        refuseUnknownFields("delete.deletes", statement, ["q", "limit", "hint", "collation"]);
        const limit = isNumeric(statement.limit) ? toNumber(statement.limit) : NaN;
        if (limit !== 0 && limit !== 1) {
          throw new CommandError(9, `The limit field in delete objects must be 0 or 1. Got ${limit}`);
        }
        if (!collection) return;
        for (const document of selectStatement(statement, command, context, collection, limit).documents) {
          collection.remove(document);
          n++;
        }
      });
      return createDocument({ n, ...errors });
    },
  },
  findAndModify: { fields: findAndModifyFields(), run: findAndModify },
  findandmodify: { fields: findAndModifyFields(), run: findAndModify },
};

/** What a write statement reads; shared with `explain`. */
export function selectStatement(
  statement: Document,
  command: Document,
  context: CommandContext,
  collection: Collection,
  limit: number,
): Selected {
  refuseCollation(statement);
  const filter = optionalDocument(statement, "q");
  if (!filter) throw new CommandError(40414, "BSON field 'q' is missing but a required field");
  return selectDocuments(collection, { filter, hint: statement.hint, limit, evaluate: evaluateOf(command, context) });
}

/** https://www.mongodb.com/docs/manual/reference/command/findAndModify/ */
function findAndModify(command: Document, context: CommandContext): Document {
  refuseCollation(command);
  const remove = optionalBoolean(command, "remove");
  const wantsNew = optionalBoolean(command, "new");
  if (remove && command.update !== undefined)
    throw new CommandError(9, "Cannot specify both an update and remove=true");
  if (remove && wantsNew) {
    throw new CommandError(
      9,
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  }
  if (remove && command.upsert) throw new CommandError(9, "Cannot specify both upsert=true and remove=true");
  if (!remove && command.update === undefined)
    throw new CommandError(9, "Either an update or remove=true must be specified");
  const evaluate = evaluateOf(command, context);
  const project = compileProjection(command.fields, evaluate);
  const update = remove ? undefined : updateOf(command.update, command.arrayFilters, command, context);
  const collection = writableCollection(command, context, optionalBoolean(command, "upsert"));
  const filter = optionalDocument(command, "query") ?? createDocument();
  const selected = selectDocuments(collection, { filter, sort: command.sort, hint: command.hint, limit: 1, evaluate });
  const [original] = selected.documents;
  const bypass = optionalBoolean(command, "bypassDocumentValidation");
  const answer = (lastError: Document, value: Document | undefined) => {
    const positions: ArrayPositions = new Map();
    if (original) selected.matches(original, positions);
    return createDocument({ lastErrorObject: lastError, value: value ? project(value, { positions }) : null });
  };
  if (!update) {
    if (original) collection.remove(original);
    return answer(createDocument({ n: original ? 1 : 0 }), original);
  }
  if (original) {
    const updated = updateDocument(collection, selected, original, update, bypass) ?? original;
    return answer(createDocument({ n: 1, updatedExisting: true }), wantsNew ? updated : original);
  }
  if (!optionalBoolean(command, "upsert")) return answer(createDocument({ n: 0, updatedExisting: false }), undefined);
  const inserted = upsert(collection, filter, update, bypass);
  const lastError = createDocument({ n: 1, updatedExisting: false, upserted: inserted._id });
  return answer(lastError, wantsNew ? inserted : undefined);
}

function findAndModifyFields(): string[] {
  return [
    ...["query", "sort", "remove", "update", "new", "fields", "upsert", "arrayFilters", "hint", "let", "collation"],
    "bypassDocumentValidation",
  ];
}

/** Inserting makes the collection; a write that cannot insert works on an empty one that nobody sees. */
function writableCollection(command: Document, context: CommandContext, inserts: boolean): Collection {
  const name = collectionName(command, context);
  if (inserts) return context.catalog.ensure(context.database, name);
  return collectionOf(command, context) ?? new Collection(`${context.database}.${name}`, () => {});
}

/** Runs one statement after the other; a failing one ends an ordered batch and is only reported of an unordered one. */
function runStatements(
  command: Document,
  field: string,
  run: (statement: Document, index: number) => void,
): { writeErrors?: Document[] } {
  const statements = requiredArray(command, field);
  if (statements.length === 0 || statements.length > maxWriteBatchSize) {
    throw new CommandError(
      16,
      `Write batch sizes must be between 1 and ${maxWriteBatchSize}. Got ${statements.length} operations.`,
    );
  }
  const ordered = command.ordered === undefined || optionalBoolean(command, "ordered");
  const writeErrors: Document[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (thrown) {
      const error = asCommandError(thrown);
      writeErrors.push(createDocument({ index, code: error.code, errmsg: error.message, ...error.details }));
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

function updateOf(update: unknown, arrayFilters: unknown, command: Document, context: CommandContext): Update {
  return compileUpdate(update, arrayFilters, {
    runPipeline: (stages, document) => {
      const [result] = runPipeline([document], stages, scopeOf(command, context)).documents;
      if (!result) throw notImplemented("an update pipeline that drops the document");
      return result;
    },
  });
}

/** The constants `c` of a pipeline update are variables of that statement. */
function withConstants(command: Document, statement: Document): Document {
  if (!isDocument(statement.c)) return command;
  return createDocument({ ...command, let: createDocument({ ...optionalDocument(command, "let"), ...statement.c }) });
}

function isReplacement(update: unknown): boolean {
  return isDocument(update) && !Object.keys(update)[0]?.startsWith("$");
}

/** @returns the new document, or undefined when the update changed nothing. */
function updateDocument(
  collection: Collection,
  selected: Selected,
  original: Document,
  update: Update,
  bypassValidation: boolean,
): Document | undefined {
  const positions: ArrayPositions = new Map();
  selected.matches(original, positions);
  const updated = update(original, { positions });
  if (identicalValues(original, updated)) return undefined;
  collection.put(updated, original, bypassValidation);
  return updated;
}

function upsert(collection: Collection, filter: unknown, update: Update, bypassValidation: boolean): Document {
  const start = documentForUpsert(isDocument(filter) ? filter : createDocument());
  const document = update(start, { inserting: true });
  const inserted = withId(
    document._id === undefined ? createDocument({ _id: start._id ?? new ObjectId(), ...document }) : document,
  );
  collection.put(inserted, undefined, bypassValidation);
  return inserted;
}
