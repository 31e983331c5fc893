import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../gateway/contenders/folders";
import { readTreeUsage, type TreeUsage } from "../gateway/processes/process-tree";
import { pinThisProcess, type Running, spawnProcess } from "../gateway/processes/spawn-process";
import { composeSupergraph } from "../../schema/compose-supergraph";
import { type BenchBroker, openBroker } from "./broker";
import type { Contender } from "./contenders";
import type { Options } from "./options";
import type { QueryOrder, QueryReport, SocketOrder, SocketReport } from "./processes/messages";
import type { SubgraphReport } from "./processes/subgraph";
import { SUBGRAPH_SDL } from "./scenario";

const SERVER_CORE = 0;
/** The subgraph, the load and the benchmark itself share the other core. */
const OTHER_CORE = 1;
const NICER = 10;
/** Priorities of real-time scheduling: whoever has one never waits for those with a lower one, or none. */
const FIRST = 20;
const SECOND = 10;
const READY_MS = 60_000;
const REPLY_MS = 180_000;

/** One server with its own load processes, so that nothing of one row is left in the next. */
export interface Started {
  readonly contender: Contender;
  readonly port: number;
  usage(): TreeUsage | undefined;
  /** Gives an order to the process with the sockets and waits for its answer. */
  sockets<T extends SocketReport["type"]>(order: SocketOrder, answer: T): Promise<Extract<SocketReport, { type: T }>>;
  tell(order: SocketOrder): void;
  queries(order: QueryOrder): void;
  answers(): Promise<Extract<QueryReport, { type: "answers" }>>;
  stop(): Promise<void>;
}

/** What stands around the servers. */
export interface Field {
  readonly broker: BenchBroker;
  start(contender: Contender): Promise<Started>;
  /** The owner knows another state of each order. */
  change(): Promise<void>;
  close(): Promise<void>;
}

export async function openField(directory: string, options: Options): Promise<Field> {
  pinThisProcess(OTHER_CORE);
  const all = new Set<Running>();
  const spawn = (file: string, logName: string) => {
    const args = [path.join(root, "dist/bench/streams", file)];
    const logFile = path.join(directory, `${logName}.log`);
    const running = spawnProcess({ command: process.execPath, args }, { core: OTHER_CORE, logFile });
    all.add(running);
    return running;
  };
  const subgraph = spawn("processes/subgraph.js", "subgraph");
  const { port: subgraphPort } = await reportOf<SubgraphReport, "listening">(subgraph, "listening");
  const broker = await openBroker(options.amqpUrl, { core: OTHER_CORE, logFile: path.join(directory, "broker.log") });
  const supergraphFile = path.join(directory, "supergraph.graphql");
  const { supergraphSdl } = composeSupergraph([
    { name: "orders", url: `http://127.0.0.1:${subgraphPort}/graphql`, sdl: SUBGRAPH_SDL },
  ]);
  fs.writeFileSync(supergraphFile, supergraphSdl);
  let changes = 0;
  let serial = 0;

  const stop = async (running: Running) => {
    await running.stop();
    all.delete(running);
  };

  return {
    broker,
    start: async (contender) => {
      const name = `${++serial}-${contender.id}`;
      const port = await freePort();
      const launch = contender.launch({ port, supergraphFile, amqpUrl: broker.url, namespace: broker.namespace });
      const args = options.profile ? [...profiling(options.profile, name), ...launch.args] : launch.args;
      const server = spawnProcess(
        { ...launch, args },
        { core: SERVER_CORE, logFile: path.join(directory, `${name}.log`) },
      );
      all.add(server);
      await untilReady(server, `http://127.0.0.1:${port}${contender.readyPath}`);
      const sockets = spawn("processes/socket-load.js", `${name}-sockets`);
      const queries = spawn("processes/query-load.js", `${name}-queries`);
      // Ten thousand clients at once are busy; whoever times queries, and whoever answers them, is not to wait for them.
      if (options.isFirst) {
        for (const { pid } of [server, queries, subgraph]) goFirst(pid, FIRST);
        goFirst(sockets.pid, SECOND);
      } else {
        giveWay(sockets.pid);
      }
      await Promise.all([
        reportOf<SocketReport, "ready">(sockets, "ready"),
        reportOf<QueryReport, "ready">(queries, "ready"),
      ]);
      return {
        contender,
        port,
        usage: () => readTreeUsage(server.pid),
        sockets: <T extends SocketReport["type"]>(order: SocketOrder, answer: T) => {
          const reply = reportOf<SocketReport, T>(sockets, answer);
          sockets.process.send(order);
          return reply;
        },
        tell: (order) => void sockets.process.send(order),
        queries: (order) => void queries.process.send(order),
        answers: () => {
          const reply = reportOf<QueryReport, "answers">(queries, "answers");
          queries.process.send({ type: "stop" } satisfies QueryOrder);
          return reply;
        },
        stop: async () => {
          await Promise.all([sockets, queries].map(stop));
          await stop(server);
        },
      };
    },
    change: async () => {
      const reply = reportOf<SubgraphReport, "changed">(subgraph, "changed");
      subgraph.process.send({ type: "changed", changes: ++changes });
      await reply;
    },
    close: async () => {
      await Promise.all([...all].filter((running) => running !== subgraph).map(stop));
      await stop(subgraph);
      await broker.close();
    },
  };
}

/** A process that others wait for at no time, where there is `chrt`; otherwise one that they hardly wait for. */
function giveWay(pid: number): void {
  try {
    execFileSync("chrt", ["--all-tasks", "--idle", "--pid", "0", String(pid)], { stdio: "ignore" });
  } catch {
    os.setPriority(pid, Math.min(os.getPriority(pid) + NICER, os.constants.priority.PRIORITY_LOW));
  }
}

/** Its main thread; needs `chrt` and the right to use it. */
function goFirst(pid: number, priority: number): void {
  execFileSync("chrt", ["--rr", "--pid", String(priority), String(pid)]);
}

const profiling = (folder: string, name: string) => [
  "--cpu-prof",
  `--cpu-prof-dir=${path.resolve(folder)}`,
  `--cpu-prof-name=${name}.cpuprofile`,
];

function reportOf<R extends { readonly type: string }, T extends R["type"]>(
  running: Running,
  type: T,
): Promise<Extract<R, { type: T }>> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      running.process.off("message", onMessage);
      running.process.off("exit", onExit);
    };
    const onMessage = (message: R) => {
      if (message.type !== type) return;
      settle();
      resolve(message as Extract<R, { type: T }>);
    };
    const onExit = () => {
      settle();
      reject(new Error(`a process of the benchmark ended: ${running.output()}`));
    };
    const timer = setTimeout(() => {
      settle();
      reject(new Error(`no "${type}" came: ${running.output()}`));
    }, REPLY_MS);
    running.process.on("message", onMessage);
    running.process.on("exit", onExit);
  });
}

async function untilReady(server: Running, url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (server.process.exitCode !== null) break;
    if ((await statusOf(url)) === 200) return;
    await delay(100);
  }
  throw new Error(`the server did not start: ${server.output()}`);
}

const statusOf = (url: string): Promise<number> =>
  new Promise((resolve) => {
    http
      .get(url, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
      .on("error", () => resolve(0));
  });

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
