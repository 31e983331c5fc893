import http from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createLatencies } from "../gateway/processes/latencies";
import { postGraphql } from "../http-post";

export interface SteadyReport {
  readonly answers: number;
  /** Another answer than expected, or none. */
  readonly failures: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Asks at a fixed rate, whether answers come or not. A latency begins when its request was due, so that a request that could not even be sent
 * counts with its wait.
 *
 * @param options.rate requests a second
 */
export async function askSteadily(options: {
  agent: http.Agent;
  port: number;
  body: string;
  expected: string;
  rate: number;
  seconds: number;
}): Promise<SteadyReport> {
  const { agent, port, body, expected, rate, seconds } = options;
  const latencies = createLatencies();
  const failures: string[] = [];
  const asked: Promise<void>[] = [];
  const startedAt = performance.now();
  const ask = async (due: number) => {
    // Timers may be early by less than a millisecond.
    const dueAt = Math.min(due, performance.now());
    try {
      const { status, text } = await postGraphql(agent, port, body);
      latencies.add(performance.now() - dueAt);
      if (status !== 200 || text !== expected) failures.push(`status ${status}: ${text.slice(0, 200)}`);
    } catch (error) {
      failures.push(String(error));
    }
  };
  for (let i = 0; i < rate * seconds; i++) {
    const dueAt = startedAt + (i * 1_000) / rate;
    const wait = dueAt - performance.now();
    if (wait > 0) await delay(wait);
    asked.push(ask(dueAt));
  }
  await Promise.all(asked);
  return { answers: asked.length, failures, p50Ms: latencies.quantile(0.5), p99Ms: latencies.quantile(0.99) };
}
