import { Counter, type Registry } from "../../../kit/metrics";
import { createTalliedHistogram } from "./tallied-histogram";

/** The figures of executions: what events cost the gateway and its subgraphs. */
export interface ExecutionMetrics {
  readonly shared: Counter;
  readonly asked: Counter;
  readonly requests: Counter;
  /** @param startedAtMs by the clock of `performance.now()` */
  ended(outcome: "whole" | "errors" | "none" | "late" | "failed", startedAtMs: number): void;
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createExecutionMetrics(registry: Registry): ExecutionMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const seconds = createTalliedHistogram({
    name: "gateway_stream_execution_seconds",
    help: "Time of one execution, for an event or for the state of now, subgraph calls included.",
    label: "outcome",
    values: ["whole", "errors", "none", "late", "failed"],
    buckets: SECONDS,
    registry,
  });
  return {
    shared: counter(
      "gateway_stream_executions_shared_total",
      "Changes answered by an execution that others asked for.",
    ),
    asked: counter("gateway_stream_entity_questions_total", "Entities that executions asked their owners for."),
    requests: counter("gateway_stream_entity_requests_total", "Requests to owners in which those questions travelled."),
    ended: (outcome, startedAtMs) => seconds(outcome, (performance.now() - startedAtMs) / 1_000),
  };
}
