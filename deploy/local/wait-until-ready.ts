import { setTimeout as delay } from "node:timers/promises";
import { ExpectedError } from "./bootstrap/expected-error.cjs";
import { probeServer } from "./probe-server";
import type { ServerSetting, Settings } from "./settings";
import type { Terminal } from "./terminal";

export interface Patience {
  readonly pollMs: number;
  /** After this long without readiness the user's own servers are looked at, again and again. */
  readonly probeAfterMs: number;
  /** How long one of them may be away. */
  readonly serverMs: number;
  /** How long readiness may take when every one answers. */
  readonly totalMs: number;
}

const usual: Patience = { pollMs: 100, probeAfterMs: 3_000, serverMs: 30_000, totalMs: 120_000 };

/**
 * Waits until `GET <url>` answers 200 and every server of the user's answers too: services serve what they can while
 * the broker is away, but a first start with a wrong AMQP_URL is a mistake to be told. Says which one does not answer.
 *
 * @param onFailing told what is waited for: the checks that fail, or the settings of servers that do not answer
 * @throws ExpectedError naming the setting, or the checks that still fail, when patience ends; what `signal` says when aborted
 */
export async function waitUntilReady(options: {
  url: string;
  servers: Settings["servers"];
  terminal: Terminal;
  signal: AbortSignal;
  onFailing?: (checks: readonly string[]) => void;
  patience?: Patience;
}): Promise<void> {
  const { url, terminal, signal, patience = usual } = options;
  const startedAt = Date.now();
  const said = new Set<string>();
  let nextProbeAt = startedAt + patience.probeAfterMs;
  const sayOnce = (problems: readonly string[]) => {
    for (const problem of problems) {
      if (!said.has(problem)) terminal.say(`${problem} Still trying.`);
      said.add(problem);
    }
  };

  for (;;) {
    signal.throwIfAborted();
    const report = await readReport(url, signal);
    if (!report.ready) options.onFailing?.(report.failing);
    if (report.ready || Date.now() >= nextProbeAt) {
      const away = await probeAll(options.servers);
      if (report.ready && away.length === 0) return;
      const problems = away.map(({ sentence }) => sentence);
      if (away.length > 0) options.onFailing?.(away.map(({ setting }) => setting));
      const waitedMs = Date.now() - startedAt;
      if (waitedMs >= patience.probeAfterMs) sayOnce(problems);
      if (problems.length > 0 && waitedMs > patience.serverMs) throw new ExpectedError(problems.join("\n"));
      if (waitedMs > patience.totalMs) {
        throw new ExpectedError(`Not ready after ${patience.totalMs / 1_000} s: ${report.failing.join(", ")}.`);
      }
      nextProbeAt = Date.now() + patience.probeAfterMs;
    }
    await delay(report.ready ? patience.probeAfterMs : patience.pollMs, undefined, { signal }).catch(() => {});
  }
}

async function readReport(url: string, signal: AbortSignal): Promise<{ ready: boolean; failing: readonly string[] }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
    const { checks = {} } = (await response.json()) as { checks?: Record<string, string> };
    const failing = Object.keys(checks)
      .filter((name) => checks[name] !== "ok")
      .map((name) => name.replace(/^subgraph:/, ""));
    return { ready: response.status === 200, failing: failing.length > 0 ? failing : ["gateway"] };
  } catch {
    return { ready: false, failing: ["gateway"] };
  }
}

async function probeAll(servers: Settings["servers"]): Promise<{ setting: ServerSetting; sentence: string }[]> {
  const given = Object.entries(servers).filter((entry): entry is [ServerSetting, string] => entry[1] !== undefined);
  const probes = given.map(async ([setting, url]) => ({ setting, sentence: await probeServer(setting, url) }));
  return (await Promise.all(probes)).filter((probe) => probe.sentence !== undefined) as {
    setting: ServerSetting;
    sentence: string;
  }[];
}
