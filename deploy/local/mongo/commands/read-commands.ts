import { Long } from "bson";
import { CommandError, notImplemented } from "../errors";
import { checkStages, runPipeline } from "../aggregation/run-pipeline";
import { compileProjection, type Projection } from "../query/compile-projection";
import { selectDocuments, type Selected } from "../query/select-documents";
import { type ArrayPositions, valuesAt } from "../query/walk-path";
import type { Collection } from "../storage/collection";
import { createDocument, type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { valueKey } from "../values/value-key";
import {
  collectionName,
  collectionOf,
  type CommandContext,
  type Commands,
  evaluateOf,
  optionalBoolean,
  optionalCount,
  optionalDocument,
  refuseCollation,
  requiredArray,
  scopeOf,
} from "./command";

const findFields = [
  ...["filter", "sort", "projection", "hint", "skip", "limit", "batchSize", "singleBatch", "let", "collation"],
  ...["allowDiskUse", "noCursorTimeout", "allowPartialResults", "tailable", "awaitData", "oplogReplay"],
  ...["min", "max", "returnKey", "showRecordId"],
];

export const readCommands: Commands = {
  /** https://www.mongodb.com/docs/manual/reference/command/find/ */
  find: {
    fields: findFields,
    readOnly: true,
    run: (command, context) => {
      const collection = collectionOf(command, context);
      const namespace = `${context.database}.${collectionName(command, context)}`;
      const project = compileProjection(command.projection, evaluateOf(command, context));
      const selected = collection && findSelection(command, context, collection);
      const documents = selected ? projectAll(selected, project, command.projection) : [];
      return context.cursors.start(
        namespace,
        documents,
        optionalCount(command, "batchSize"),
        optionalBoolean(command, "singleBatch"),
      );
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/getMore/ */
  getMore: {
    fields: ["collection", "batchSize", "term", "lastKnownCommittedOpTime"],
    readOnly: true,
    run: (command, context) => {
      const batchSize = optionalCount(command, "batchSize");
      // Zero asks for "as many as fit", unlike in `find`.
      return context.cursors.next(cursorId(command.getMore), String(command.collection), batchSize || undefined);
    },
  },
  killCursors: {
    fields: ["cursors"],
    run: (command, context) => {
      if (!Array.isArray(command.cursors)) throw new CommandError(40414, "BSON field 'killCursors.cursors' is missing");
      const killed: unknown[] = [];
      const notFound: unknown[] = [];
      for (const id of command.cursors) (context.cursors.kill(cursorId(id)) ? killed : notFound).push(id);
      return createDocument({
        cursorsKilled: killed,
        cursorsNotFound: notFound,
        cursorsAlive: [],
        cursorsUnknown: [],
      });
    },
  },
  count: {
    fields: ["query", "limit", "skip", "hint", "collation", "fields"],
    readOnly: true,
    run: (command, context) => {
      const collection = collectionOf(command, context);
      return createDocument({ n: collection ? countSelection(command, context, collection).documents.length : 0 });
    },
  },
  distinct: {
    fields: ["key", "query", "collation", "hint"],
    readOnly: true,
    run: (command, context) => {
      if (typeof command.key !== "string") throw new CommandError(14, "BSON field 'distinct.key' must be a string");
      const path = command.key.split(".");
      const collection = collectionOf(command, context);
      const documents = collection ? countSelection(command, context, collection).documents : [];
      const values = new Map<string, unknown>();
      for (const value of documents.flatMap((document) => valuesAt(document, path))) {
        const key = valueKey(value);
        if (!values.has(key)) values.set(key, value);
      }
      return createDocument({ values: [...values.values()] });
    },
  },
  /** https://www.mongodb.com/docs/manual/reference/command/aggregate/ */
  aggregate: {
    fields: ["pipeline", "cursor", "explain", "allowDiskUse", "bypassDocumentValidation", "hint", "let", "collation"],
    readOnly: true,
    run: (command, context) => {
      refuseCollation(command);
      if (command.explain) throw notImplemented("the option 'explain' of aggregate; use the explain command");
      const stages = requiredArray(command, "pipeline");
      if (!isDocument(command.cursor)) {
        throw new CommandError(9, "The 'cursor' option is required, except for aggregate with the explain argument");
      }
      checkStages(stages);
      const batchSize = optionalCount(command.cursor, "batchSize");
      const { namespace, source } = aggregateSource(command, context);
      const { documents } = runPipeline(source, stages, scopeOf(command, context), command.hint);
      return context.cursors.start(namespace, documents, batchSize);
    },
  },
};

/** What `find` reads; shared with `explain`. */
export function findSelection(command: Document, context: CommandContext, collection: Collection): Selected {
  refuseCollation(command);
  for (const option of ["min", "max", "returnKey", "showRecordId", "oplogReplay"]) {
    if (command[option]) throw notImplemented(`the option '${option}' of find`);
  }
  if (command.tailable)
    throw new CommandError(2, "error processing query: tailable cursor requested on non capped collection");
  if (command.awaitData) throw new CommandError(9, "Cannot set 'awaitData' without also setting 'tailable'");
  return selectDocuments(collection, {
    filter: optionalDocument(command, "filter"),
    sort: command.sort,
    hint: command.hint,
    skip: optionalCount(command, "skip") ?? 0,
    limit: optionalCount(command, "limit") ?? 0,
    evaluate: evaluateOf(command, context),
  });
}

/** What `count` and `distinct` read; a negative limit of `count` means its absolute value. */
export function countSelection(command: Document, context: CommandContext, collection: Collection): Selected {
  refuseCollation(command);
  const limit = isNumeric(command.limit) ? Math.abs(toNumber(command.limit)) : 0;
  return selectDocuments(collection, {
    filter: optionalDocument(command, "query"),
    hint: command.hint,
    skip: optionalCount(command, "skip") ?? 0,
    limit,
    evaluate: evaluateOf(command, context),
  });
}

export function aggregateSource(
  command: Document,
  context: CommandContext,
): { namespace: string; source: Collection | Document[] } {
  // `{ aggregate: 1 }` is a pipeline without a collection: it starts from `$documents`.
  if (isNumeric(command.aggregate)) {
    return { namespace: `${context.database}.$cmd.aggregate`, source: [] };
  }
  const name = collectionName(command, context);
  return { namespace: `${context.database}.${name}`, source: context.catalog.collection(context.database, name) ?? [] };
}

/** Applies a projection, with the matched array elements only where the positional `$` asks for them. */
export function projectAll(selected: Selected, project: Projection, spec: unknown): Document[] {
  const names = isDocument(spec) ? Object.keys(spec) : [];
  const positional = names.some((name) => name.endsWith(".$"));
  return selected.documents.map((document) => {
    const positions: ArrayPositions = new Map();
    if (positional) selected.matches(document, positions);
    return project(document, { positions, score: selected.score(document) });
  });
}

function cursorId(value: unknown): bigint {
  if (value instanceof Long) return value.toBigInt();
  if (isNumeric(value) && Number.isInteger(toNumber(value))) return BigInt(toNumber(value));
  throw new CommandError(14, "a cursor id must be of type long");
}
