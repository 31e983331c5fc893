import { createDraw, type Draw, hash32 } from "./draw";
import {
  allowancesOf,
  type AnswererFactory,
  createBench,
  type DifferentialCase,
  isDeferred,
  judge,
  outcomeOf,
} from "./differential-case";
import { compareAnswers, type Disagreement } from "./compare";
import { exceptionFor } from "./exceptions";
import { generateOperation } from "./generate-operation";
import { CompositionRefusedError, type Graph } from "./graph";
import type { Operation } from "./answerer";
import { printCase } from "./print-case";
import { shrinkCase } from "./shrink-case";
import type { SubgraphSdl } from "./subgraph-facts";
import { createSyntheticData, type SyntheticDataOptions } from "./synthetic-data";

export interface DifferentialOptions {
  /** Everything follows from it: the same seed gives the same graphs, data and operations. */
  readonly seed: number;
  /** One case alone, `<graph>:<operation>` as a failure names it. */
  readonly path?: string;
  /** Makes the subgraphs of one graph, or what does not compose. */
  readonly generate: (draw: Draw) => readonly SubgraphSdl[];
  readonly answerers: readonly AnswererFactory[];
  readonly operationsPerGraph: number;
  /** References plan at length: they are asked every so many operations. */
  readonly referenceEvery: number;
  /** Asked before each graph. */
  readonly goOn: (graphs: number) => boolean;
  readonly maxFailures: number;
  readonly shrinkMs: number;
  readonly onFailure?: (failure: Failure) => void;
}

export interface Failure {
  readonly answerer: string;
  readonly path: string;
  readonly kind: Disagreement["kind"];
  /** The case made small, as a test to paste. */
  readonly text: string;
}

export interface DifferentialSummary {
  readonly seed: number;
  readonly graphs: number;
  /** Generated subgraphs that do not compose. */
  readonly discards: number;
  readonly operations: number;
  /** Operations whose truth holds at least one error. */
  readonly withErrors: number;
  readonly deferred: number;
  readonly subscriptions: number;
  /** Graphs with `@fromContext`. */
  readonly contexts: number;
  /** By name of the exception. */
  readonly exceptions: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
}

export async function runDifferential(options: DifferentialOptions): Promise<DifferentialSummary> {
  const exceptions = new Map<string, number>();
  const failures: Failure[] = [];
  const count = (name: string) => exceptions.set(name, (exceptions.get(name) ?? 0) + 1);
  const counts = { graphs: 0, discards: 0, operations: 0, withErrors: 0, deferred: 0, subscriptions: 0, contexts: 0 };
  const { generate } = options;
  const only = options.path?.split(":").map(Number);
  let index = only?.[0] ?? 0;

  const examine = async (graphIndex: number): Promise<void> => {
    const graphSeed = hash32(options.seed ^ hash32(graphIndex));
    const draw = createDraw(graphSeed);
    const subgraphs = generate(draw);
    const data: SyntheticDataOptions = {
      seed: graphSeed % 100_000,
      nullPercent: draw.pick([0, 5, 15, 30]),
      errorPercent: draw.pick([0, 0, 2, 8]),
      missPercent: draw.pick([0, 0, 0, 0, 0, 0, 0, 15]),
    };
    let bench: Awaited<ReturnType<typeof createBench>>;
    try {
      bench = await createBench(subgraphs, (graph: Graph) => createSyntheticData(graph, data), options.answerers);
    } catch (error) {
      if (!(error instanceof CompositionRefusedError)) throw error;
      counts.discards++;
      return;
    }
    counts.graphs++;
    if (subgraphs.some(({ sdl }) => sdl.includes("@fromContext("))) counts.contexts++;
    try {
      for (let at = only?.[1] ?? 0; at < (only ? only[1]! + 1 : options.operationsPerGraph); at++) {
        const operation = generateOperation(
          createDraw(hash32(graphSeed ^ hash32(at + 1))),
          bench.graph.supergraph.apiSchema,
        );
        if (!operation) continue;
        counts.operations++;
        if (isDeferred(operation)) counts.deferred++;
        if (isSubscription(operation)) counts.subscriptions++;
        const allowances = allowancesOf({ data, operation });
        // Stock runs no subscriptions, puts nothing off, and is wrong about missing entities in ways of its own.
        const isForReferences = !isDeferred(operation) && !isSubscription(operation) && !allowances.misses;
        const truth = await bench.truth.answer(operation);
        if (truth.errors) counts.withErrors++;
        /** By answerer, with the last of its disagreements. */
        const unexcused = new Map<AnswererFactory, Disagreement>();
        for (const [which, answerer] of bench.answerers.entries()) {
          const factory = options.answerers[which]!;
          if (factory.isReference && (!isForReferences || (at % options.referenceEvery !== 0 && !only))) continue;
          const outcome = await outcomeOf(answerer, operation);
          const used = new Set<string>();
          for (const disagreement of compareAnswers(truth, outcome, allowances)) {
            const known = exceptionFor(answerer.name, disagreement, operation);
            if (known) used.add(known.name);
            else unexcused.set(factory, disagreement);
          }
          for (const name of used) count(name);
        }
        for (const [factory, disagreement] of unexcused) {
          if (factory.isReference && options.answerers.some((other) => !other.isReference && !unexcused.has(other))) {
            count(`${factory.name}-alone`);
          } else if (failures.length < options.maxFailures) {
            const failure = await describe(
              { subgraphs, data, operation },
              factory,
              disagreement,
              `${graphIndex}:${at}`,
            );
            failures.push(failure);
            options.onFailure?.(failure);
          }
        }
      }
    } finally {
      await bench.close();
    }
  };

  /** Made smaller with the same kind of disagreement, so that a known one does not take the place of a new one. */
  const describe = async (
    subject: DifferentialCase,
    factory: AnswererFactory,
    { kind }: Disagreement,
    path: string,
  ): Promise<Failure> => {
    const shows = async (candidate: DifferentialCase): Promise<boolean> => {
      const verdict = await judge(candidate, factory);
      if (!verdict) return false;
      return verdict.disagreements.some(
        (found) => found.kind === kind && !exceptionFor(factory.name, found, candidate.operation),
      );
    };
    const smallest = await shrinkCase(subject, shows, options.shrinkMs);
    const verdict = (await judge(smallest, factory))!;
    const title = `${factory.name}: ${kind} (seed ${options.seed}, path ${path})`;
    return { answerer: factory.name, path, kind, text: printCase(title, smallest, verdict) };
  };

  for (
    let done = 0;
    only ? done === 0 : options.goOn(done) && (failures.length < options.maxFailures || options.maxFailures === 0);
    done++
  ) {
    await examine(index++);
  }
  return { seed: options.seed, ...counts, exceptions, failures };
}

const isSubscription = ({ document, operationName = "" }: Operation): boolean =>
  new RegExp(`(^|\\n)subscription ${operationName}\\b`).test(document);

/** A few lines for people: what was compared and which exceptions were used how often. */
export function printSummary(summary: DifferentialSummary): string {
  const { seed, graphs, discards, contexts, operations, withErrors, deferred, subscriptions, exceptions, failures } =
    summary;
  return [
    `differential: seed ${seed}, ${graphs} graphs (${contexts} with contexts, ${discards} more did not compose), ` +
      `${operations} operations (${withErrors} with errors, ${deferred} deferred, ${subscriptions} subscriptions), ${failures.length} failures`,
    ...[...exceptions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  exception ${name}: ${count}`),
  ].join("\n");
}
