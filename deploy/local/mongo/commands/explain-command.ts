import { CommandError, notImplemented } from "../errors";
import { checkStages, createEvaluate, runPipeline, splitPipeline } from "../aggregation/run-pipeline";
import type { IndexPlan, Plan } from "../query/choose-plan";
import { selectDocuments, type Selected } from "../query/select-documents";
import type { Collection } from "../storage/collection";
import type { Interval } from "../storage/sorted-entries";
import { createDocument, type Document, isDocument } from "../values/document";
import { isNumeric, toNumber } from "../values/number";
import {
  collectionName,
  collectionOf,
  type CommandContext,
  type Commands,
  evaluateOf,
  optionalDocument,
  requiredArray,
  scopeOf,
} from "./command";
import { countSelection, findSelection } from "./read-commands";
import { selectStatement } from "./write-commands";

/**
 * `explain`: the winning plan and, unless the verbosity is `queryPlanner`, what running it examined.
 * https://www.mongodb.com/docs/manual/reference/command/explain/ and /reference/explain-results/
 */
export const explainCommands: Commands = {
  explain: {
    fields: ["verbosity"],
    readOnly: true,
    run: (command, context) => {
      const explained = command.explain;
      if (!isDocument(explained)) throw new CommandError(9, "explain command requires a nested object");
      const verbosity = command.verbosity ?? "allPlansExecution";
      if (!["queryPlanner", "executionStats", "allPlansExecution"].includes(String(verbosity))) {
        throw new CommandError(
          2,
          "verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}",
        );
      }
      const name = Object.keys(explained)[0] ?? "";
      const explain = explainers[name];
      if (!explain) throw notImplemented(`explain of the command '${name}'`);
      return explain(explained, context, verbosity !== "queryPlanner");
    },
  },
};

type Explainer = (command: Document, context: CommandContext, run: boolean) => Document;

const explainers: Readonly<Record<string, Explainer>> = {
  find: (command, context, run) =>
    explainSelection(command, context, run, command.filter, (c) => findSelection(command, context, c)),
  count: (command, context, run) =>
    explainSelection(command, context, run, command.query, (c) => countSelection(command, context, c), "COUNT"),
  distinct: (command, context, run) =>
    explainSelection(command, context, run, command.query, (c) => countSelection(command, context, c)),
  update: (command, context, run) => {
    const statement = firstStatement(command, "updates");
    const limit = statement.multi ? 0 : 1;
    return explainSelection(
      command,
      context,
      run,
      statement.q,
      (c) => selectStatement(statement, command, context, c, limit),
      "UPDATE",
    );
  },
  delete: (command, context, run) => {
    const statement = firstStatement(command, "deletes");
    const limit = isNumeric(statement.limit) ? toNumber(statement.limit) : 0;
    return explainSelection(
      command,
      context,
      run,
      statement.q,
      (c) => selectStatement(statement, command, context, c, limit),
      "DELETE",
    );
  },
  findAndModify: (command, context, run) => {
    const filter = optionalDocument(command, "query") ?? createDocument();
    const select = (collection: Collection) =>
      selectDocuments(collection, {
        filter,
        sort: command.sort,
        hint: command.hint,
        limit: 1,
        evaluate: evaluateOf(command, context),
      });
    return explainSelection(command, context, run, filter, select, command.remove ? "DELETE" : "UPDATE");
  },
  aggregate: (command, context, run) => {
    const stages = requiredArray(command, "pipeline");
    checkStages(stages);
    const { selection, rest } = splitPipeline(stages);
    const evaluate = createEvaluate(scopeOf(command, context));
    const answer = explainSelection(command, context, run, selection.filter, (collection) => {
      if (run) runPipeline(collection, stages, scopeOf(command, context), command.hint);
      return selectDocuments(collection, { ...selection, hint: command.hint, evaluate });
    });
    if (rest.length === 0) return answer;
    const { queryPlanner, executionStats } = answer;
    const cursor = createDocument({ $cursor: createDocument({ queryPlanner, ...(run && { executionStats }) }) });
    return createDocument({ explainVersion: "1", stages: [cursor, ...rest] });
  },
};

function firstStatement(command: Document, field: string): Document {
  const [statement] = requiredArray(command, field);
  if (!statement) throw new CommandError(16, "explained write batches must be of size 1");
  return statement;
}

function explainSelection(
  command: Document,
  context: CommandContext,
  run: boolean,
  filter: unknown,
  select: (collection: Collection) => Selected,
  outermost?: string,
): Document {
  const collection = collectionOf(command, context);
  const namespace = `${context.database}.${collectionName(command, context)}`;
  const startedMs = performance.now();
  const selected = collection && select(collection);
  const tree = selected ? stageTree(selected, filter, command) : createDocument({ stage: "EOF" });
  const winningPlan = outermost ? createDocument({ stage: outermost, inputStage: tree }) : tree;
  const answer = createDocument({
    explainVersion: "1",
    queryPlanner: createDocument({
      namespace,
      indexFilterSet: false,
      parsedQuery: filter ?? createDocument(),
      winningPlan,
      rejectedPlans: [],
    }),
  });
  if (run) {
    answer.executionStats = createDocument({
      executionSuccess: true,
      nReturned: selected?.documents.length ?? 0,
      executionTimeMillis: Math.round(performance.now() - startedMs),
      totalKeysExamined: selected?.keysExamined ?? 0,
      totalDocsExamined: selected?.documentsExamined ?? 0,
      executionStages: winningPlan,
    });
  }
  return answer;
}

/** The stages from the outside in, as the server nests them. */
function stageTree({ plan, sort }: Selected, filter: unknown, command: Document): Document {
  let tree = accessStage(plan, filter);
  if (!plan.providesSort) {
    const sortPattern = createDocument(Object.fromEntries(sort.map(({ path, direction }) => [path, direction])));
    if (sort.length > 0) tree = createDocument({ stage: "SORT", sortPattern, type: "simple", inputStage: tree });
  }
  if (command.skip) tree = createDocument({ stage: "SKIP", skipAmount: command.skip, inputStage: tree });
  if (command.limit) tree = createDocument({ stage: "LIMIT", limitAmount: command.limit, inputStage: tree });
  const projection = command.projection;
  if (isDocument(projection) && Object.keys(projection).length > 0) {
    tree = createDocument({ stage: "PROJECTION_DEFAULT", transformBy: projection, inputStage: tree });
  }
  return tree;
}

function accessStage(plan: Plan, filter: unknown): Document {
  const filtered = isDocument(filter) && Object.keys(filter).length > 0 ? { filter } : {};
  switch (plan.kind) {
    case "scan":
      return createDocument({ stage: "COLLSCAN", ...filtered, direction: plan.backward ? "backward" : "forward" });
    case "id":
      return createDocument({ stage: "IDHACK" });
    case "text": {
      const { spec } = plan.index;
      return createDocument({ stage: "TEXT_MATCH", indexName: spec.name, keyPattern: spec.key });
    }
    case "or": {
      const or = createDocument({ stage: "OR", inputStages: plan.branches.map(indexScan) });
      const fetch = createDocument({ stage: "FETCH", ...filtered, inputStage: or });
      return createDocument({ stage: "SUBPLAN", inputStage: fetch });
    }
    case "index":
      return createDocument({ stage: "FETCH", ...filtered, inputStage: indexScan(plan) });
  }
}

function indexScan({ index, intervals, backward }: IndexPlan): Document {
  const { spec, isMultikey, fields } = index;
  return createDocument({
    stage: "IXSCAN",
    keyPattern: spec.key,
    indexName: spec.name,
    isMultiKey: isMultikey,
    isUnique: spec.unique === true,
    isSparse: spec.sparse === true,
    isPartial: spec.partialFilterExpression !== undefined,
    indexVersion: 2,
    direction: backward ? "backward" : "forward",
    indexBounds: describeBounds(fields, intervals),
  });
}

/** Bounds are kept as sort keys, which say little to a reader: the number of bounded fields per interval says what was used. */
function describeBounds(fields: readonly string[], intervals: readonly Interval[]): Document {
  return createDocument({
    fields,
    intervals: intervals.map(({ low, high }) =>
      createDocument({
        boundedFields: Math.max(low.key.length, high.key.length),
        point: low.key.join() === high.key.join(),
      }),
    ),
  });
}
