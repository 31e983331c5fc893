/** The process that asks queries over HTTP at a fixed rate, as other clients do while subscribers come back. */
import http from "node:http";
import { createLatencies } from "../../gateway/processes/latencies";
import type { Operation } from "../scenario";
import { nowMs, type QueryOrder, type QueryReport } from "./messages";

const report = (message: QueryReport) => process.send?.(message);
const agent = new http.Agent({ keepAlive: true });
let stop: (() => void) | undefined;

function start(port: number, operation: Operation, perSecond: number): void {
  const body = JSON.stringify(operation);
  const latencies = createLatencies();
  const lateness = createLatencies();
  let answers = 0;
  let failed = 0;
  let underWay = 0;
  let isStopped = false;
  const settled = () => {
    underWay--;
    if (isStopped && underWay === 0) tell();
  };
  const ask = (dueMs: number) => {
    underWay++;
    lateness.add(nowMs() - dueMs);
    const request = http.request(
      {
        agent,
        port,
        host: "127.0.0.1",
        path: "/graphql",
        method: "POST",
        headers: { "content-type": "application/json" },
      },
      (response) => {
        if (response.statusCode !== 200) failed++;
        response.resume();
        response.on("end", () => {
          answers++;
          // From when it was due: a server that keeps one waiting keeps those behind it waiting too.
          latencies.add(nowMs() - dueMs);
        });
        response.on("close", settled);
      },
    );
    request.on("error", () => {
      failed++;
      settled();
    });
    request.end(body);
  };
  const intervalMs = 1_000 / perSecond;
  let dueMs = nowMs();
  const timer = setInterval(() => {
    for (const untilMs = nowMs(); dueMs <= untilMs; dueMs += intervalMs) ask(dueMs);
  }, 1);
  const tell = () =>
    report({
      type: "answers",
      answers,
      failed,
      p50Ms: latencies.quantile(0.5),
      p95Ms: latencies.quantile(0.95),
      lateP95Ms: lateness.quantile(0.95),
    });
  stop = () => {
    clearInterval(timer);
    isStopped = true;
    // Those that wait the longest are under way.
    if (underWay === 0) tell();
  };
}

process.on("message", (order: QueryOrder) => {
  if (order.type === "start") start(order.port, order.operation, order.perSecond);
  else stop?.();
});
process.on("disconnect", () => process.exit());
report({ type: "ready" });
