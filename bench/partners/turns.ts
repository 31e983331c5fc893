import net from "node:net";
import { performance } from "node:perf_hooks";
import { createMessageReader } from "../gateway/processes/http-messages";
import { createLatencies } from "../gateway/processes/latencies";
import { numberedRequest } from "../gateway/processes/numbered-request";
import { readTree, readUsageOf } from "../gateway/processes/process-tree";

/** One kind of request, and what it has cost so far. */
export interface Asked {
  /** Microseconds of the gateway's CPU for a request, of each turn; empty where there is no /proc. */
  readonly cpuMicros: readonly number[];
  /** Answers of another status or size than expected. */
  readonly wrongAnswers: number;
  /** @param share from 0 to 1 @returns milliseconds */
  latencyMs(share: number): number;
  /** A turn: every connection asks so often, one after the other; the gateway has nothing else to do. */
  take(): Promise<void>;
}

export interface Turns {
  /** @param request the whole of it; see `numberedRequest` */
  asking(request: string, expected: { readonly status: number; readonly bodyBytes: number }): Asked;
  close(): void;
}

/** Until an answer; the connection is free for its next request then. */
type Ask = (request: () => Buffer) => Promise<{ readonly head: string; readonly bodyBytes: number }>;

/**
 * Connections over which kinds of requests take turns of a fraction of a second: whatever else a machine does lasts longer, and so meets a turn and its
 * neighbours alike.
 * @param options.perTurn requests of each connection in a turn
 * @param options.silenceMs without an answer for so long the gateway is given up
 */
export async function openTurns(options: {
  port: number;
  pid: number;
  connections: number;
  perTurn: number;
  silenceMs: number;
}): Promise<Turns> {
  const { port, pid, connections, perTurn, silenceMs } = options;
  const pids = readTree(pid);
  const opened = await Promise.all(Array.from({ length: connections }, () => openConnection(port, silenceMs)));

  return {
    asking: (request, expected) => {
      const latencies = createLatencies();
      const cpuMicros: number[] = [];
      const statusLine = `HTTP/1.1 ${expected.status} `;
      let wrongAnswers = 0;
      const askers = opened.map(({ ask }) => ({ ask, next: numberedRequest(request) }));
      const askAll = (times: number, onAnswer: (elapsedMs: number) => void) =>
        Promise.all(
          askers.map(async ({ ask, next }) => {
            for (let n = 0; n < times; n++) {
              const sentAt = performance.now();
              const { head, bodyBytes } = await ask(next);
              onAnswer(performance.now() - sentAt);
              if (bodyBytes !== expected.bodyBytes || !head.startsWith(statusLine)) wrongAnswers++;
            }
          }),
        );
      return {
        cpuMicros,
        get wrongAnswers() {
          return wrongAnswers;
        },
        latencyMs: latencies.quantile,
        take: async () => {
          // What the turn before left to do is done with these.
          await askAll(1, () => undefined);
          const before = readUsageOf(pids);
          await askAll(perTurn, latencies.add);
          const after = readUsageOf(pids);
          if (before && after) cpuMicros.push((after.cpuMicros - before.cpuMicros) / (perTurn * connections));
        },
      };
    },
    close: () => {
      for (const { close } of opened) close();
    },
  };
}

async function openConnection(port: number, silenceMs: number): Promise<{ ask: Ask; close: () => void }> {
  let onAnswer: ((answer: Awaited<ReturnType<Ask>>) => void) | undefined;
  let onEnd: ((reason: Error) => void) | undefined;
  const reader = createMessageReader((head, bodyBytes) => onAnswer?.({ head, bodyBytes }));
  const socket = net.connect({ host: "127.0.0.1", port, noDelay: true, timeout: silenceMs });
  let ended: Error | undefined;
  const fail = (reason: Error) => {
    ended ??= reason;
    socket.destroy();
    onEnd?.(ended);
  };
  socket
    .on("error", fail)
    .on("end", () => fail(new Error("the gateway closed the connection")))
    .on("timeout", () => fail(new Error("silent for too long")))
    .on("data", (chunk: Buffer) => {
      try {
        reader.read(chunk, chunk.length);
      } catch (error) {
        fail(error as Error);
      }
    });
  await new Promise<void>((resolve, reject) => {
    onEnd = reject;
    socket.once("connect", resolve);
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        onAnswer = resolve;
        onEnd = reject;
        if (ended) reject(ended);
        else socket.write(request());
      }),
    close: () => socket.destroy(),
  };
}
