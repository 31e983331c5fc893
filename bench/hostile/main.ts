/**
 * `npm run bench:hostile`: what honest clients notice of a stream of hostile documents. docs/benchmarks.md explains how to read it.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Running, spawnProcess } from "../gateway/processes/spawn-process";
import type { SubgraphReport } from "../gateway/processes/subgraph-server";
import { operations } from "../gateway/scenario/operations";
import { postGraphql } from "../http-post";
import { median } from "../median";
import { ONE_CORE_FLAGS } from "../one-core-flags";
import { composeHostileGraph } from "./graph";
import type { HostileReport } from "./hostile-client";
import { orderHostileDocuments } from "./hostile-process";
import { askSteadily, type SteadyReport } from "./steady-clients";

const root = path.resolve(__dirname, "../../..");
/** The 99th percentile beside hostile documents over the one without. */
const MAX_RATIO = 2;
const CONNECTIONS = 20;
const WARM_UP_SECONDS = 5;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly rate: number;
  readonly hostileRate: number;
}

interface Round {
  readonly alone: SteadyReport;
  readonly beside: SteadyReport;
  readonly hostile: HostileReport;
}

async function measure(
  port: number,
  hostile: ChildProcess,
  { rounds, seconds, rate, hostileRate }: Options,
): Promise<Round[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const body = JSON.stringify({ query: operations.medium });
  const { text: expected } = await postGraphql(agent, port, body);
  const ask = (forSeconds: number) => askSteadily({ agent, port, body, expected, rate, seconds: forSeconds });
  const askBeside = async (forSeconds: number) => {
    const client = orderHostileDocuments(hostile, port, hostileRate);
    const beside = await ask(forSeconds);
    return { beside, hostile: await client.stop() };
  };
  await ask(WARM_UP_SECONDS);
  await askBeside(WARM_UP_SECONDS);
  const done: Round[] = [];
  for (let i = 0; i < rounds; i++) {
    const round = { alone: await ask(seconds), ...(await askBeside(seconds)) };
    done.push(round);
    console.log(`round ${i + 1}: alone ${shown(round.alone)}; beside hostile documents ${shown(round.beside)}`);
  }
  agent.destroy();
  return done;
}

const shown = ({ p50Ms, p99Ms, answers }: SteadyReport) =>
  `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms of ${answers}`;

/** @returns what is not as it must be */
function verdict(rounds: readonly Round[]): readonly string[] {
  const kinds = new Map<string, number[]>();
  for (const { hostile } of rounds) {
    for (const [what, times] of hostile.times) kinds.set(what, [...(kinds.get(what) ?? []), ...times]);
  }
  console.log("\n| hostile document | answers | median ms | slowest ms |\n| --- | --- | --- | --- |");
  for (const [what, times] of kinds) {
    console.log(`| ${what} | ${times.length} | ${median(times).toFixed(1)} | ${Math.max(...times).toFixed(1)} |`);
  }
  const alone = median(rounds.map((round) => round.alone.p99Ms));
  const beside = median(rounds.map((round) => round.beside.p99Ms));
  const ratio = median(rounds.map((round) => round.beside.p99Ms / round.alone.p99Ms));
  console.log(
    `\np99 of honest clients: alone ${alone.toFixed(1)} ms, beside hostile documents ${beside.toFixed(1)} ms; ` +
      `median of the rounds' ratios ${ratio.toFixed(2)}`,
  );
  const failures = rounds.flatMap((round) => [
    ...round.alone.failures,
    ...round.beside.failures,
    ...round.hostile.failures,
  ]);
  return [
    ...(ratio < MAX_RATIO ? [] : [`p99 is ${ratio.toFixed(2)} times what it is alone`]),
    ...failures.slice(0, 10),
  ];
}

async function main({ allCores, ...options }: Options & { readonly allCores: boolean }): Promise<readonly string[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-hostile-"));
  const running: Running[] = [];
  const start = (
    name: string,
    args: readonly string[],
    core: number | undefined,
    env: Readonly<Record<string, string>> = {},
  ) => {
    const child = spawnProcess(
      { command: process.execPath, args, env },
      { core, logFile: path.join(folder, `${name}.log`) },
    );
    running.push(child);
    return child;
  };
  try {
    const subgraphs = start("subgraphs", [path.join(root, "dist/bench/gateway/processes/subgraph-server.js")], 1);
    const [{ port: subgraphPort }] = (await once(subgraphs.process, "message")) as [SubgraphReport & { port: number }];
    const supergraphFile = path.join(folder, "supergraph.graphql");
    fs.writeFileSync(supergraphFile, composeHostileGraph(`http://127.0.0.1:${subgraphPort}`));
    const gateway = start(
      "gateway",
      [
        ...["--max-semi-space-size=24", ...(allCores ? [] : ONE_CORE_FLAGS)],
        path.join(root, "dist/gateway/main.js"),
        ...["--supergraph", supergraphFile, "--port", "0"],
      ],
      allCores ? undefined : 0,
      { HOST: "127.0.0.1" },
    );
    const [{ port }] = (await once(gateway.process, "message")) as [{ port: number }];
    const hostile = start("hostile", [path.join(root, "dist/bench/hostile/hostile-process.js")], 1);
    return verdict(await measure(port, hostile.process, options));
  } finally {
    for (const child of running.reverse()) await child.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    rate: { type: "string", default: "200" },
    "hostile-rate": { type: "string", default: "20" },
    "all-cores": { type: "boolean", default: false },
  },
});
main({
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  rate: Number(values.rate),
  hostileRate: Number(values["hostile-rate"]),
  allCores: values["all-cores"],
}).then(
  (problems) => {
    for (const problem of problems) console.error(problem);
    console.log(problems.length === 0 ? "Honest clients are served as before." : "Honest clients are harmed.");
    process.exit(problems.length === 0 ? 0 : 1);
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
