import { Aggregator } from "mingo/aggregator";
import { evalExpr, ProcessingMode } from "mingo/core";
import type { AnyObject, Options } from "mingo/types";
import { CommandError, notImplemented } from "../errors";
import { selectDocuments, type Selected, type Selection } from "../query/select-documents";
import type { Collection } from "../storage/collection";
import { createDocument, type Document, fromBson, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import { createOperators, type Stage, stageNames } from "./operators";
import { lookupDocuments } from "./lookup-documents";
import { toPlain } from "./to-plain";

/** What pipelines and expressions may see beyond their own document. */
export interface PipelineScope {
  readonly collection: (name: string) => Collection | undefined;
  /** The command's `let`. */
  readonly variables?: Document | undefined;
}

export interface PipelineResult {
  readonly documents: Document[];
  /** How the leading stages found their documents; absent without a collection. */
  readonly selected?: Selected;
}

/** Splits off the leading stages that one query can do, so that they use indexes. */
export function splitPipeline(stages: readonly Document[]): { selection: Selection; rest: Document[] } {
  const selection: { -readonly [K in keyof Selection]: Selection[K] } = {};
  let next = 0;
  const take = (name: string) =>
    stages[next] && name in (stages[next] as Document) ? stages[next++]?.[name] : undefined;
  const filters: unknown[] = [];
  for (let filter = take("$match"); filter !== undefined; filter = take("$match")) filters.push(filter);
  if (filters.length > 0) selection.filter = filters.length === 1 ? filters[0] : createDocument({ $and: filters });
  const sort = take("$sort");
  if (sort !== undefined) selection.sort = sort;
  const skip = take("$skip");
  if (skip !== undefined) selection.skip = wholeNumber("$skip", skip, 0);
  const limit = take("$limit");
  if (limit !== undefined) selection.limit = wholeNumber("$limit", limit, 1);
  return { selection, rest: stages.slice(next) };
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/ */
export function runPipeline(
  source: Collection | Document[],
  stages: readonly Document[],
  scope: PipelineScope,
  hint?: unknown,
): PipelineResult {
  checkStages(stages);
  if (Array.isArray(source)) return { documents: runStages(source, stages, scope) };
  const { selection, rest } = splitPipeline(stages);
  const selected = selectDocuments(source, { ...selection, hint, evaluate: createEvaluate(scope) });
  return { documents: rest.length > 0 ? runStages(selected.documents, rest, scope) : selected.documents, selected };
}

/** Evaluates aggregation expressions on stored documents: `$expr`, computed projections. Undefined means no value. */
export function createEvaluate(scope: PipelineScope): (expression: unknown, document: Document) => unknown {
  // Most queries have no expression: the operators are put together for the first one only.
  let options: Options | undefined;
  const known = new Map<unknown, unknown>();
  return (expression, document) => {
    const operators = (options ??= optionsFor(scope));
    if (!known.has(expression)) known.set(expression, toPlain(expression));
    const value = translateErrors(() => evalExpr(toPlain(document) as AnyObject, known.get(expression), operators));
    return value === undefined ? undefined : fromBson(value, 0);
  };
}

/** @throws CommandError with the server's code for a stage that is malformed, unknown, or beyond this server. */
export function checkStages(stages: readonly unknown[]): asserts stages is readonly Document[] {
  for (const [position, stage] of stages.entries()) {
    if (!isDocument(stage)) throw new CommandError(14, "Each element of the 'pipeline' array must be an object");
    const [name, ...others] = Object.keys(stage);
    if (name === undefined || others.length > 0) {
      throw new CommandError(40323, "A pipeline stage specification object must contain exactly one field.");
    }
    if (name === "$changeStream") {
      throw new CommandError(40573, "The $changeStream stage is only supported on replica sets");
    }
    if (name === "$facet" && isDocument(stage.$facet))
      for (const inner of Object.values(stage.$facet)) checkStages(listOf(inner));
    if (name === "$documents" && position > 0)
      throw new CommandError(40602, "$documents is only valid as the first stage in a pipeline");
    if (serverStages.has(name)) throw notImplemented(`the aggregation stage ${name}`);
    if (!stageNames.has(name)) throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
}

const serverStages = new Set([
  "$collStats",
  "$currentOp",
  "$geoNear",
  "$indexStats",
  "$listLocalSessions",
  "$listSessions",
  "$merge",
  "$out",
  "$planCacheStats",
  "$search",
  "$searchMeta",
  "$vectorSearch",
]);

function runStages(documents: readonly Document[], stages: readonly Document[], scope: PipelineScope): Document[] {
  const options = optionsFor(scope);
  const results = translateErrors(() =>
    new Aggregator(toPlainStages(stages), options).run(documents.map((document) => toPlain(document) as AnyObject)),
  );
  return results.map((result) => fromBson(result, 0) as Document);
}

function toPlainStages(stages: readonly Document[]): AnyObject[] {
  return stages.map((stage) => toPlain(stage) as AnyObject);
}

function optionsFor(scope: PipelineScope): Options {
  const lookup: Stage = (documents, argument, options) =>
    lookupDocuments(documents, argument as AnyObject, options, {
      find: (name, filter) => {
        const collection = scope.collection(name);
        return collection ? selectDocuments(collection, { filter }).documents : [];
      },
      run: (source, stages, variables) => {
        checkStages(stages);
        const merged = createDocument({ ...scope.variables, ...(fromBson(variables, 0) as Document) });
        return runPipeline(source, stages, { ...scope, variables: merged }).documents;
      },
    });
  const options: Options = {
    idKey: "_id",
    processingMode: ProcessingMode.CLONE_OFF,
    useStrictMode: true,
    scriptEnabled: false,
    failOnError: true,
    variables: (toPlain(scope.variables ?? {}) ?? {}) as AnyObject,
    collectionResolver: (name) =>
      [...(scope.collection(name)?.documents.values() ?? [])].map((d) => toPlain(d) as AnyObject),
    context: createOperators(lookup, (expression, document) => evalExpr(document, toPlain(expression), options)),
  };
  return options;
}

/** mingo reports by message alone. */
function translateErrors<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CommandError || error instanceof RangeError) throw error;
    const message = (error as Error).message;
    const operator = /accumulator '(.+)' is not registered/.exec(message)?.[1];
    if (operator) throw new CommandError(168, `Unrecognized expression '${operator}'`);
    if (message.startsWith("Use of undefined variable")) throw new CommandError(17276, message);
    throw new CommandError(2, message);
  }
}

function wholeNumber(stage: string, value: unknown, least: number): number {
  const number = isNumeric(value) ? toNumber(value) : NaN;
  if (Number.isInteger(number) && number >= least) return number;
  if (stage === "$limit" && number === 0) throw new CommandError(15958, "the limit must be positive");
  throw new CommandError(
    stage === "$limit" ? 2107201 : 5107200,
    `invalid argument to ${stage} stage: Expected a ${least ? "positive" : "non-negative"} number`,
  );
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new CommandError(40170, "arguments to $facet must be arrays");
}
