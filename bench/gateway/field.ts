import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Contender, Setting } from "./contenders/contender";
import { root } from "./contenders/folders";
import { type IdentityServer, startIdentityServer } from "./processes/identity-server";
import type { LoadOrder, LoadReport, LoadResult } from "./processes/load-generator";
import { readRssOf, readTree, readTreeUsage, readUsageOf, type TreeUsage } from "./processes/process-tree";
import { pinThisProcess, type Running, spawnProcess } from "./processes/spawn-process";
import type { SubgraphReport } from "./processes/subgraph-server";
import { composeSupergraph } from "./scenario/supergraph";

const GATEWAY_CORE = 0;
/** The subgraphs and the load share the other core. */
const OTHER_CORE = 1;
const MEMORY_SAMPLE_MS = 250;
/** A settled part of a round before the measured one. */
const SETTLE_MS = 500;

/** What one round of load has shown. */
export interface Round {
  readonly load: LoadResult;
  /** Undefined where there is no /proc. */
  readonly cpuMicrosPerRequest: number | undefined;
  readonly peakRssBytes: number | undefined;
  readonly subgraphRequests: number;
  readonly subgraphCpuMicros: number;
}

export interface Started {
  readonly running: Running;
  readonly setting: Setting;
}

/** Everything that stands around the gateways: subgraphs, identity, load; and how to put a gateway in the middle. */
export interface Field {
  start(contender: Contender, answer: unknown): Promise<Started>;
  measure(started: Started, order: Omit<LoadOrder, "port" | "settleMs"> & { settleMs?: number }): Promise<Round>;
  memory(started: Started): number | undefined;
  close(): Promise<void>;
}

export async function openField(directory: string): Promise<Field> {
  pinThisProcess(OTHER_CORE);
  const identity: IdentityServer = await startIdentityServer();
  const helper = (name: string) =>
    spawnProcess(
      { command: process.execPath, args: [path.join(root, `dist/bench/gateway/processes/${name}.js`)] },
      { core: OTHER_CORE, logFile: path.join(directory, `${name}.log`) },
    );
  const subgraphs = helper("subgraph-server");
  const generator = helper("load-generator");
  const all: Running[] = [subgraphs, generator];
  const { port: subgraphPort } = await reportOf<SubgraphReport, "listening">(subgraphs, "listening");
  const origin = `http://127.0.0.1:${subgraphPort}`;
  const supergraphFile = path.join(directory, "supergraph.graphql");
  fs.writeFileSync(supergraphFile, composeSupergraph(origin));
  let serial = 0;

  const subgraphUsage = () => {
    subgraphs.process.send({ type: "usage" });
    return reportOf<SubgraphReport, "usage">(subgraphs, "usage");
  };

  return {
    start: async (contender, answer) => {
      const own = path.join(directory, `${++serial}-${contender.id}`);
      fs.mkdirSync(own);
      const answerFile = path.join(own, "answer.json");
      fs.writeFileSync(answerFile, JSON.stringify(answer));
      const { token } = identity;
      const port = await freePort();
      const setting: Setting = { supergraphFile, origin, port, directory: own, answerFile, identity, token };
      const running = spawnProcess(contender.launch(setting), { core: GATEWAY_CORE, logFile: path.join(own, "log") });
      all.push(running);
      return { running, setting };
    },

    measure: async ({ running, setting }, order) => {
      running.clearOutput();
      const measuring = reportOf<LoadReport, "measuring">(generator, "measuring");
      const measured = reportOf<LoadReport, "measured">(generator, "measured");
      // Looking for them takes milliseconds, in which the load would wait for its core.
      const pids = readTree(running.pid);
      generator.process.send({ settleMs: SETTLE_MS, ...order, port: setting.port } satisfies LoadOrder);
      await measuring;
      const before = readUsageOf(pids);
      const subgraphsBefore = await subgraphUsage();
      let peakRssBytes = before?.rssBytes;
      const sampler = setInterval(() => {
        if (pids) peakRssBytes = Math.max(peakRssBytes ?? 0, readRssOf(pids));
      }, MEMORY_SAMPLE_MS);
      const { result: load } = await measured;
      clearInterval(sampler);
      const after = readUsageOf(pids);
      const subgraphsAfter = await subgraphUsage();
      return {
        load,
        cpuMicrosPerRequest: perRequest(before, after, load.answers),
        peakRssBytes,
        subgraphRequests: subgraphsAfter.requests - subgraphsBefore.requests,
        subgraphCpuMicros: subgraphsAfter.cpuMicros - subgraphsBefore.cpuMicros,
      };
    },

    memory: ({ running }) => readTreeUsage(running.pid)?.rssBytes,

    close: async () => {
      identity.close();
      await Promise.all(all.map((running) => running.stop()));
    },
  };
}

function perRequest(before: TreeUsage | undefined, after: TreeUsage | undefined, answers: number): number | undefined {
  return before && after && answers > 0 ? (after.cpuMicros - before.cpuMicros) / answers : undefined;
}

/** @throws Error when the process ends first */
async function reportOf<Report extends { readonly type: string }, Type extends Report["type"]>(
  running: Running,
  type: Type,
): Promise<Extract<Report, { readonly type: Type }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      if ((message as Report).type !== type) return;
      stopListening();
      resolve(message as Extract<Report, { readonly type: Type }>);
    };
    const onExit = () => {
      stopListening();
      reject(new Error(`a process of the benchmark ended: ${running.output()}`));
    };
    const stopListening = () => {
      running.process.off("message", onMessage).off("exit", onExit);
    };
    running.process.on("message", onMessage).once("exit", onExit);
  });
}

/** Some contenders cannot be told to choose a port themselves. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Long enough for whatever gives memory back once it has nothing to do. */
export const settled = () => delay(15_000);
