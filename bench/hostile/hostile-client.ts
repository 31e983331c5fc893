import http from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { postGraphql } from "../http-post";
import { hostileDocuments } from "./documents";

export interface HostileReport {
  /** By document: milliseconds of its answers. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  /** Answered otherwise than with 400. */
  readonly failures: readonly string[];
}

export interface HostileClient {
  stop(): Promise<HostileReport>;
}

/** Has eight digits, always. */
let serial = 10_000_000;

/** Made before anybody is measured: whoever makes ten thousand aliases in between keeps others from the processor. */
const prepared = hostileDocuments.map(({ what, text }) => {
  const body = Buffer.from(JSON.stringify({ query: text(serial) }));
  return { what, body, serialAt: body.indexOf(String(serial)) };
});

/** Sends one document after the other, of all kinds by turns. @param rate documents a second, at most: the next one waits for an answer */
export function sendHostileDocuments(port: number, rate: number): HostileClient {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = new Map<string, number[]>();
  const failures: string[] = [];
  let isStopping = false;
  const running = (async () => {
    while (!isStopping) {
      const document = prepared[++serial % prepared.length];
      if (!document) throw new Error("there are no documents");
      const { what, body, serialAt } = document;
      body.write(String(serial), serialAt);
      const startedAt = performance.now();
      const { status, text: answer } = await postGraphql(agent, port, body);
      const ms = performance.now() - startedAt;
      times.set(what, [...(times.get(what) ?? []), ms]);
      if (status !== 400) failures.push(`${what}: status ${status}: ${answer.slice(0, 200)}`);
      await delay(Math.max(0, 1_000 / rate - ms));
    }
  })();
  return {
    stop: async () => {
      isStopping = true;
      await running;
      agent.destroy();
      return { times, failures };
    },
  };
}
