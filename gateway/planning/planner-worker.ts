import { parentPort, workerData } from "node:worker_threads";
import { buildSchema, type GraphQLSchema } from "graphql";
import { ClientError } from "../../kit/errors";
import { createExaminer, type ExamineDocument, sendRefusal } from "../operation/examine-document";
import { loadPlannableGraph, type PlannableGraph } from "./apollo-planner";
import { PlanLimitError } from "./planner";
import type { ExamineRequest, LoadedMessage, PlannerThreadData, ThreadAnswer, ThreadRequest } from "./planner-messages";
import { giveBackWhenIdle } from "./give-back";
import { beginTurn, giveTurn } from "./give-turns";
import { stepBack } from "./step-back";

/**
 * Runs in the thread that `startPlannerThread` starts: loads the supergraph, says what it found, then plans one operation, or examines one document,
 * for each message.
 */
const { sdl, limits } = workerData as PlannerThreadData;

function answer(graph: PlannableGraph, request: ThreadRequest): ThreadAnswer {
  try {
    return "examine" in request ? examine(graph, request) : { plan: graph.plan(request) };
  } catch (error) {
    if (error instanceof PlanLimitError) return { refusal: { limit: error.limit, max: error.max } };
    if (error instanceof ClientError) return { clientError: { code: error.code, message: error.message } };
    return { fault: messageOf(error) };
  }
}

/** Made of the first document: most graphs never see a large one. */
let schema: GraphQLSchema | undefined;
let examineDocument: ExamineDocument | undefined;

function examine({ apiSdl }: PlannableGraph, { document, examine: options }: ExamineRequest): ThreadAnswer {
  schema ??= buildSchema(apiSdl, { assumeValid: true, noLocation: true });
  // The options are those of the process.
  examineDocument ??= createExaminer(options, giveTurn);
  const result = examineDocument(schema, document);
  return { examined: "stage" in result ? sendRefusal(result) : undefined };
}

function load(): PlannableGraph | undefined {
  try {
    return loadPlannableGraph(sdl, limits);
  } catch (error) {
    parentPort?.postMessage({ unusable: messageOf(error) } satisfies LoadedMessage);
    return undefined;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

stepBack();
const graph = load();
if (graph) {
  const { apiSdl, subgraphs, overrideLabels } = graph;
  const works = giveBackWhenIdle();
  parentPort?.on("message", (request: ThreadRequest) => {
    beginTurn();
    works();
    parentPort?.postMessage(answer(graph, request));
  });
  parentPort?.postMessage({ facts: { apiSdl, subgraphs, overrideLabels } } satisfies LoadedMessage);
}
