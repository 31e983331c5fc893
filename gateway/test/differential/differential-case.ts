import { getOperationAST, parse, validate } from "graphql";
import type { Answer, Answerer, Operation } from "./answerer";
import { type Allowances, compareAnswers, type Disagreement, type Outcome } from "./compare";
import { createGraph, type Graph } from "./graph";
import type { GraphData } from "./graph-data";
import { createInMemorySubgraphs, type InMemorySubgraphs } from "./in-memory-subgraphs";
import { createMonolithAnswerer } from "./monolith-answerer";
import type { SubgraphSdl } from "./subgraph-facts";
import { createSyntheticData, type SyntheticDataOptions } from "./synthetic-data";

/** Everything that is needed to see one disagreement again. */
export interface DifferentialCase {
  readonly subgraphs: readonly SubgraphSdl[];
  readonly data: SyntheticDataOptions;
  readonly operation: Operation;
}

export interface AnswererFactory {
  readonly name: string;
  /** Somebody else's: where another answerer gives the truth and this one does not, that is counted and no failure. */
  readonly isReference?: boolean;
  create(graph: Graph, subgraphs: InMemorySubgraphs): Promise<Answerer>;
}

/** One graph with the truth about it and those who try to answer the same. */
export interface Bench {
  readonly graph: Graph;
  readonly truth: Answerer;
  readonly answerers: readonly Answerer[];
  close(): Promise<void>;
}

/** @throws CompositionRefusedError when the subgraphs do not compose */
export async function createBench(
  sdls: readonly SubgraphSdl[],
  dataOf: (graph: Graph) => GraphData,
  factories: readonly AnswererFactory[],
): Promise<Bench> {
  const graph = createGraph(sdls);
  const data = dataOf(graph);
  const subgraphs = createInMemorySubgraphs(graph, data);
  const answerers = await Promise.all(factories.map((factory) => factory.create(graph, subgraphs)));
  return {
    graph,
    truth: createMonolithAnswerer(graph, data),
    answerers,
    close: async () => void (await Promise.all(answerers.map((answerer) => answerer.close()))),
  };
}

/** In which answers to a case may differ from the truth. */
export function allowancesOf({ data, operation }: Pick<DifferentialCase, "data" | "operation">): Allowances {
  return { misses: data.missPercent !== undefined && data.missPercent > 0, isInParts: isDeferred(operation) };
}

export const isDeferred = ({ document }: Operation): boolean => document.includes("@defer");

export async function outcomeOf(answerer: Answerer, operation: Operation): Promise<Outcome> {
  try {
    return await answerer.answer(operation);
  } catch (error) {
    return { thrown: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

export interface Verdict {
  readonly graph: Graph;
  readonly truth: Answer;
  readonly outcome: Outcome;
  readonly disagreements: readonly Disagreement[];
  readonly plan: string | undefined;
}

/** How one answerer fares on one case; undefined when the case itself is none (it does not compose, the operation is invalid). */
export async function judge(subject: DifferentialCase, factory: AnswererFactory): Promise<Verdict | undefined> {
  let bench: Bench;
  try {
    bench = await createBench(subject.subgraphs, (graph) => createSyntheticData(graph, subject.data), [factory]);
  } catch {
    return undefined;
  }
  try {
    const { apiSchema } = bench.graph.supergraph;
    const document = parse(subject.operation.document);
    const operation = getOperationAST(document, subject.operation.operationName);
    // Validation lets an operation pass whose root type is missing.
    if (!operation || !apiSchema.getRootType(operation.operation)) return undefined;
    if (validate(apiSchema, document).length > 0) return undefined;
    const truth = await bench.truth.answer(subject.operation);
    const [answerer] = bench.answerers;
    const outcome = await outcomeOf(answerer!, subject.operation);
    const plan = await answerer!.explain?.(subject.operation).catch((error: Error) => error.message);
    return {
      graph: bench.graph,
      truth,
      outcome,
      disagreements: compareAnswers(truth, outcome, allowancesOf(subject)),
      plan,
    };
  } finally {
    await bench.close();
  }
}
