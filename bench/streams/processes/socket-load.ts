/** The process that holds all the subscribers' sockets and times what arrives at them. */
import { randomUUID } from "node:crypto";
import { createLatencies } from "../../gateway/processes/latencies";
import type { Operation } from "../scenario";
import { LightSocket, type LightSocketEvents } from "./light-socket";
import { nowMs, type OpenOrder, type SocketOrder, type SocketReport } from "./messages";

/** Its address is nobody else's. */
const STALLED = 0xffff;
const OPEN_TIMEOUT_MS = 120_000;
const report = (message: SocketReport) => process.send?.(message);
let sockets: LightSocket[] = [];
let stalled: LightSocket | undefined;
/** Of the newest message: the members of one group carry the same. */
let cursor: string | undefined;
let onArrival: (() => void) | undefined;

const subscribe = (socket: LightSocket, { query, variables }: Operation, resumeFrom?: string) => {
  const extensions = resumeFrom === undefined ? {} : { extensions: { resume: { cursor: resumeFrom } } };
  socket.send({ type: "subscribe", id: randomUUID(), payload: { query, variables, ...extensions } });
};

/** Opens them, and ends when each has had a message: the state of now, or what it missed. */
async function open({ port, operations, count, parallel, resumes }: OpenOrder): Promise<void> {
  const startMs = nowMs();
  // The first of them to be back has a newer one.
  const resumeFrom = resumes ? cursor : undefined;
  const reasons = new Map<string, number>();
  const lose = (reason: string, count = 1) => void reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  const one = (n: number): Promise<void> =>
    new Promise((resolve) => {
      const operation = operations[n % operations.length]!;
      const events: LightSocketEvents = {
        onReady: (socket) => subscribe(socket, operation, resumeFrom),
        onMessage: (socket, read) => {
          if (n === 0) remember(read());
          if (socket.messages > 1) return onArrival?.();
          resolve();
        },
        onClose: (socket, reason) => {
          if (socket.messages === 0) lose(reason);
          resolve();
        },
      };
      sockets.push(new LightSocket(port, n, events));
    });
  let next = 0;
  const lane = async () => {
    while (next < count) await one(next++);
  };
  const timeout = new Promise<void>((resolve) => setTimeout(resolve, OPEN_TIMEOUT_MS).unref());
  await Promise.race([Promise.all(Array.from({ length: Math.min(parallel, count) }, lane)), timeout]);
  const failed = sockets.filter(({ messages }) => messages === 0).length;
  const silent = failed - [...reasons.values()].reduce((before, count) => before + count, 0);
  if (silent > 0) lose("no message came", silent);
  report({ type: "opened", elapsedMs: nowMs() - startMs, failed, reasons: Object.fromEntries(reasons) });
}

function remember(text: string): void {
  cursor = /"cursor":"([^"]+)"/.exec(text)?.[1] ?? cursor;
}

let sentAtMs: number | undefined;

function expect(messages: number, timeoutMs: number): void {
  const times = new Float64Array(messages);
  let arrived = 0;
  sentAtMs = undefined;
  const done = () => {
    // The order that tells when may come after the last of them.
    if (sentAtMs === undefined) return void setTimeout(done, 1);
    clearTimeout(timer);
    onArrival = undefined;
    const latencies = createLatencies();
    for (let i = 0; i < arrived; i++) latencies.add(times[i]! - sentAtMs);
    const lastMs = arrived === 0 ? Number.NaN : times[arrived - 1]! - sentAtMs;
    report({ type: "arrivals", arrived, p50Ms: latencies.quantile(0.5), p99Ms: latencies.quantile(0.99), lastMs });
  };
  const timer = setTimeout(done, timeoutMs);
  onArrival = () => {
    if (arrived === messages) return;
    times[arrived++] = nowMs();
    if (arrived === messages) done();
  };
  report({ type: "expecting" });
}

function stall(port: number, operations: readonly Operation[]): void {
  let begun = 0;
  const socket: LightSocket = new LightSocket(port, STALLED, {
    onReady: () => operations.forEach((operation) => subscribe(socket, operation)),
    onMessage: () => {
      if (++begun < operations.length) return;
      socket.stall();
      report({ type: "stalled" });
    },
    onClose: () => undefined,
  });
  stalled = socket;
}

process.on("message", (order: SocketOrder) => {
  switch (order.type) {
    case "open":
      return void open(order);
    case "expect":
      return expect(order.messages, order.timeoutMs);
    case "sent":
      sentAtMs = order.atMs;
      return;
    case "cut":
      for (const socket of sockets) socket.cut();
      sockets = [];
      return report({ type: "cut" });
    case "stall":
      return stall(order.port, order.operations);
    case "unstall":
      stalled?.cut();
      return report({ type: "unstalled" });
  }
});
process.on("disconnect", () => process.exit());
report({ type: "ready" });
