/**
 * The process that asks: a closed loop over keep-alive connections, each sending its next request when its answer is
 * complete. It counts bytes and never builds the answer's text, so that it is not what is measured.
 */
import net from "node:net";
import { performance } from "node:perf_hooks";
import { createMessageReader } from "./http-messages";
import { createLatencies } from "./latencies";
import { numberedRequest } from "./numbered-request";

/** One round, as the parent process asks for it. */
export interface LoadOrder {
  readonly port: number;
  /** The whole request, head and body; see `numberedRequest`. */
  readonly request: string;
  readonly connections: number;
  /** Load before the measured time begins, so that what is under way at its beginning equals what is at its end. */
  readonly settleMs: number;
  /** The measured time ends with the first answer after it. */
  readonly measureMs: number;
  /** Other statuses and sizes are counted as wrong. */
  readonly expected: { readonly status: number; readonly bodyBytes: number };
}

export interface LoadResult {
  readonly answers: number;
  readonly wrongAnswers: number;
  /** Why connections ended before the round did. */
  readonly failures: readonly string[];
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicros: number;
}

export type LoadReport = { readonly type: "measuring" } | { readonly type: "measured"; readonly result: LoadResult };

const READ_BUFFER_BYTES = 256 * 1_024;
/** Reads are handled before the next one begins: all connections can share the memory. */
const sharedBuffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);

/** A gateway that answers nobody for so long ends the round. */
const SILENCE_MS = 15_000;

/**
 * The measured time begins and ends with the arrival of an answer. A slow gateway answers many connections at once:
 * time cut at any other moment would hold a burst more or less than it paid for.
 */
function drive(order: LoadOrder): void {
  const latencies = createLatencies();
  const failures: string[] = [];
  const sockets: net.Socket[] = [];
  const statusLine = `HTTP/1.1 ${order.expected.status} `;
  const settledAt = performance.now() + order.settleMs;
  let startedAt: number | undefined;
  let usage = process.cpuUsage();
  let over = false;
  let answers = 0;
  let wrongAnswers = 0;
  let lastAnswerAt = performance.now();

  const begin = (now: number) => {
    startedAt = now;
    usage = process.cpuUsage();
    report({ type: "measuring" });
  };
  const end = () => {
    over = true;
    clearInterval(watch);
    const { user, system } = process.cpuUsage(usage);
    for (const socket of sockets) socket.destroy();
    report({
      type: "measured",
      result: {
        answers,
        wrongAnswers,
        failures,
        elapsedMs: performance.now() - startedAt!,
        p50Ms: latencies.quantile(0.5),
        p99Ms: latencies.quantile(0.99),
        cpuMicros: user + system,
      },
    });
  };
  const watch = setInterval(() => {
    const now = performance.now();
    if (now - lastAnswerAt < SILENCE_MS) return;
    if (startedAt === undefined) begin(now);
    failures.push("silent for too long");
    end();
  }, 1_000);

  const connect = () => {
    const nextRequest = numberedRequest(order.request);
    let sentAt = 0;
    const send = () => {
      const request = nextRequest();
      sentAt = performance.now();
      socket.write(request);
    };
    const count = (now: number, head: string, bodyBytes: number) => {
      latencies.add(now - sentAt);
      answers++;
      if (bodyBytes !== order.expected.bodyBytes || !head.startsWith(statusLine)) wrongAnswers++;
    };
    const reader = createMessageReader((head, bodyBytes) => {
      if (over) return;
      const now = performance.now();
      lastAnswerAt = now;
      if (startedAt === undefined) {
        if (now >= settledAt) begin(now);
      } else {
        count(now, head, bodyBytes);
        if (now >= startedAt + order.measureMs) return end();
      }
      send();
    });
    const fail = (reason: string) => {
      if (!over) failures.push(reason);
      socket.destroy();
    };
    const socket = net.connect({
      host: "127.0.0.1",
      port: order.port,
      noDelay: true,
      onread: {
        buffer: sharedBuffer,
        callback: (size, buffer) => {
          try {
            reader.read(buffer as Buffer, size);
          } catch (error) {
            fail(String(error));
          }
          return true;
        },
      },
    });
    socket.once("connect", send);
    socket.once("error", (error) => fail(error.message));
    socket.once("end", () => fail("the gateway closed the connection"));
    sockets.push(socket);
  };
  for (let i = 0; i < order.connections; i++) connect();
}

function report(message: LoadReport): void {
  process.send?.(message);
}

if (require.main === module) {
  process.on("message", (order: LoadOrder) => drive(order));
  process.on("disconnect", () => process.exit());
}
