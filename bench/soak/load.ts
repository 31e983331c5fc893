import http from "node:http";
import { postGraphql } from "../http-post";

export interface LoadReport {
  readonly answered: number;
  /** No connection, another status, or another body than at first. */
  readonly failures: readonly string[];
  /** Milliseconds of the slowest answer. */
  readonly slowestMs: number;
}

export interface Load {
  /** Counted since the last call. */
  take(): LoadReport;
  stop(): Promise<LoadReport>;
}

const MAX_REASONS = 20;

/**
 * Asks the same questions over and over and compares each answer with the first one to that question.
 *
 * @param options.clients that ask at once, each over a connection that stays open
 * @param options.pauseMs between two questions of one client
 */
export function startLoad(options: {
  port: number;
  bodies: readonly string[];
  clients: number;
  pauseMs: number;
}): Load {
  const { port, bodies, clients, pauseMs } = options;
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const expected = new Map<string, string>();
  let isStopping = false;
  let answered = 0;
  let failed = 0;
  let slowestMs = 0;
  let reasons: string[] = [];

  const fail = (reason: string) => {
    failed++;
    if (reasons.length < MAX_REASONS) reasons.push(reason);
  };

  const ask = async (body: string): Promise<void> => {
    const startedAt = performance.now();
    try {
      const { status, text } = await postGraphql(agent, port, body);
      answered++;
      const known = expected.get(body);
      if (status !== 200 || text.includes('"errors"')) fail(`status ${status}: ${text.slice(0, 200)}`);
      else if (known === undefined) expected.set(body, text);
      else if (known !== text) fail(`another answer: ${text.slice(0, 200)}`);
    } catch (error) {
      fail(String(error));
    }
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  };

  const client = async (first: number): Promise<void> => {
    for (let i = first; !isStopping; i++) {
      await ask(bodies[i % bodies.length] as string);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const running = Array.from({ length: clients }, (_, i) => client(i));

  const take = (): LoadReport => {
    const report = {
      answered,
      failures: failed > reasons.length ? [...reasons, `and ${failed - reasons.length} more`] : reasons,
      slowestMs,
    };
    answered = failed = slowestMs = 0;
    reasons = [];
    return report;
  };
  return {
    take,
    stop: async () => {
      isStopping = true;
      await Promise.all(running);
      agent.destroy();
      return take();
    },
  };
}
