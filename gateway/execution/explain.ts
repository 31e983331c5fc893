import type { QueryPlan } from "@apollo/query-planner";
import type { SubgraphReply } from "../upstream/upstreams";
import { printPlan } from "./plan/print-plan";
import type { SubgraphCall } from "./plan/subgraph-call";
import type { CallObserver } from "./run/run-plan";

/** One call as it went. Times are in milliseconds since the execution began. */
export interface CallReport {
  readonly subgraph: string;
  /** Where its fetches' results belong. */
  readonly paths: readonly string[];
  readonly startMs: number;
  readonly durationMs: number;
  /** Distinct entities asked for; 0 for root fields. */
  readonly representations: number;
  /** Size of the answer's text in bytes. */
  readonly bytes: number;
  readonly errors: number;
}

/** What `extensions` say about one execution. */
export interface Explanation extends CallObserver {
  /** `apolloQueryPlan` in the shape that Apollo Sandbox renders, with the calls that were really made beside it. */
  extensions(): Readonly<Record<string, unknown>>;
}

export function createExplanation(plan: QueryPlan, calls: readonly SubgraphCall[]): Explanation {
  const begunMs = performance.now();
  const reports: CallReport[] = [];
  return {
    onCall: (call, reply: SubgraphReply, { startMs, endMs, representations }) => {
      reports.push({
        subgraph: call.service,
        paths: call.fetches.map(({ path }) => path.join(".")),
        startMs: rounded(startMs - begunMs),
        durationMs: rounded(endMs - startMs),
        representations,
        bytes: reply.bytes,
        errors: reply.errors.length,
      });
    },
    extensions: () => ({
      apolloQueryPlan: { object: { kind: plan.kind, node: plan.node ?? null }, text: printPlan(plan) },
      queryExecution: { planned: calls.length, calls: reports, durationMs: rounded(performance.now() - begunMs) },
    }),
  };
}

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;
