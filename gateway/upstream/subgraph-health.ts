import { loadUndici } from "../../kit/http/load-undici";
import type { SubgraphAddress } from "../supergraph/subgraph-addresses";

export interface SubgraphHealth {
  /** By subgraph: whether its health page answers 200. Never older than `MAX_AGE_MS`. */
  check(): Promise<Readonly<Record<string, boolean>>>;
  close(): Promise<void>;
}

const POLL_MS = 1_000;
const MAX_AGE_MS = 1_500;
const TIMEOUT_MS = 2_000;

/**
 * Asks every subgraph's health page each second, so that whoever asks the gateway is answered at once; when the last round is older than
 * that (the process was busy or suspended), the answer waits for a fresh one.
 *
 * @param options.addresses the subgraphs of the current supergraph; read anew each round, since a reload changes them
 * @param options.path such as "/health/ready", on each subgraph's own origin
 */
export function watchSubgraphHealth(options: {
  addresses: () => readonly SubgraphAddress[];
  path: string;
  now?: () => number;
}): SubgraphHealth {
  const { addresses, path, now = Date.now } = options;
  // Few idle connections of its own: a probe must not wait behind operations for a pooled one.
  const agent = new (loadUndici().Agent)({ connections: 1, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  let latest: { states: Readonly<Record<string, boolean>>; atMs: number } | undefined;
  let round: Promise<Readonly<Record<string, boolean>>> | undefined;

  const isHealthy = async (url: string): Promise<boolean> => {
    try {
      const { statusCode, body } = await agent.request({
        origin: new URL(url).origin,
        path,
        method: "GET",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await body.dump();
      return statusCode === 200;
    } catch {
      // Refused, reset, too slow: for readiness they are all the same.
      return false;
    }
  };

  const ask = () =>
    (round ??= (async () => {
      const states = await Promise.all(addresses().map(async ({ name, url }) => [name, await isHealthy(url)] as const));
      latest = { states: Object.fromEntries(states), atMs: now() };
      round = undefined;
      return latest.states;
    })());

  void ask();
  const timer = setInterval(() => void ask(), POLL_MS).unref();
  return {
    check: () => (latest && now() - latest.atMs <= MAX_AGE_MS ? Promise.resolve(latest.states) : ask()),
    close: async () => {
      clearInterval(timer);
      await agent.destroy();
    },
  };
}
