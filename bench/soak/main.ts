/**
 * `npm run bench:soak -- [--reloads 200]`: the whole gateway under a steady load while its supergraph is replaced again and again. No request
 * may fail, and in the end the gateway holds no more than in the beginning.
 */
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import type { SubgraphReport } from "../gateway/processes/subgraph-server";
import { type Running, spawnProcess } from "../gateway/processes/spawn-process";
import { operations } from "../gateway/scenario/operations";
import { subgraphNames, subgraphSdl } from "../gateway/scenario/subgraphs";
import { median } from "../median";
import { ONE_CORE_FLAGS } from "../one-core-flags";
import { type Load, type LoadReport, startLoad } from "./load";
import type { ProbeReport } from "./probe";

const root = path.resolve(__dirname, "../../..");
/** Memory at the end over memory at the beginning. */
const MAX_GROWTH = 1.1;
const REPORT_EVERY = 20;
/** Measurements whose median is compared. */
const SAMPLES = 3;
/** Memory levels off under the load alone in this time, before the reloads and after them; growth in between is due to them. */
const SETTLED_MS = 20_000;
const RELOAD_PATIENCE_MS = 30_000;
const CLIENTS = 8;
const PAUSE_MS = 20;
const SERVED = "a changed file is served";
const NOT_SERVED = "a changed file cannot be served";
const MEBIBYTE = 2 ** 20;
/**
 * The gateway's young generation has its full size from the beginning. Otherwise V8 doubles it whenever enough has been alive at its collections,
 * and does not give it back: sooner or later under any load, sooner with reloads, and what it takes would look like theirs.
 */
const YOUNG_GENERATION = ["--max-semi-space-size=24", "--min-semi-space-size=24"];

const EXTRA_SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { extra: Extra }
  type Extra @key(fields: "id") { id: ID! text: String }`;

/** Two graphs by turns: every second one has a subgraph more. The number makes each a text of its own. */
function composeSupergraph(origin: string, reload: number): string {
  const own = subgraphNames.map((name) => ({ name, url: `${origin}/${name}`, typeDefs: parse(subgraphSdl[name]) }));
  const extra = { name: "extra", url: `${origin}/extra`, typeDefs: parse(EXTRA_SDL) };
  const { supergraphSdl, errors } = composeServices(reload % 2 === 0 ? own : [...own, extra]);
  if (supergraphSdl === undefined) throw new Error(`the graphs do not compose: ${errors?.join("\n")}`);
  return `${supergraphSdl}\n# ${reload}\n`;
}

/** The operations of the benchmark, and some small ones so that the store has something to hold. */
function requestBodies(): string[] {
  const small = Array.from({ length: 20 }, (_, i) => `query Small${i} { topProducts { upc name price } }`);
  return [...Object.values(operations), ...small].map((query) => JSON.stringify({ query }));
}

interface Soak {
  readonly gateway: Running;
  readonly load: Load;
  /** Puts the next graph in the file's place and waits until it is served. */
  reload(number: number): Promise<void>;
}

const messageOf = async <T>({ process: child }: Running): Promise<T> => ((await once(child, "message")) as [T])[0];

async function probe({ gateway }: Soak): Promise<ProbeReport> {
  gateway.process.send("probe");
  return messageOf<ProbeReport>(gateway);
}

/** @returns how the loads and the memory went, in the order of measuring; the first is the beginning */
async function soak(run: Soak, reloads: number) {
  const loads: LoadReport[] = [];
  const probes: ProbeReport[] = [];
  const measure = async (done: number) => {
    const load = run.load.take();
    const found = await probe(run);
    loads.push(load);
    probes.push(found);
    const size = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MB`;
    console.log(
      [
        `${done} reloads`,
        `${load.answered} answers`,
        `${load.failures.length} failures`,
        `slowest ${load.slowestMs.toFixed(0)} ms`,
        `heap ${size(found.heapBytes)}`,
        `external ${size(found.externalBytes)}`,
        `resident ${size(found.rssBytes)}`,
        `threads ${found.threads}`,
        JSON.stringify(found.resources),
      ].join(", "),
    );
  };
  await delay(SETTLED_MS);
  await measure(0);
  for (let i = 1; i <= reloads; i++) {
    await run.reload(i);
    if (i % REPORT_EVERY === 0) await measure(i);
  }
  await delay(SETTLED_MS);
  await measure(reloads);
  return { loads, probes };
}

const percent = (ratio: number) => `${(ratio * 100).toFixed(0)} %`;

function verdict(loads: readonly LoadReport[], probes: readonly ProbeReport[]): readonly string[] {
  const [first, last] = [probes[0], probes.at(-1)];
  if (!first || !last) return ["nothing was measured"];
  const problems = loads.flatMap(({ failures }) => failures.map((reason) => `a request failed: ${reason}`));
  const resident = last.rssBytes / first.rssBytes;
  if (resident > MAX_GROWTH) problems.push(`the resident memory ends at ${percent(resident)} of its beginning`);
  // The first reloads fill caches and feedback of code once; a leak goes on with each.
  const heaps = probes.slice(1).map(({ heapBytes }) => heapBytes);
  const heap = median(heaps.slice(-SAMPLES)) / median(heaps.slice(0, SAMPLES));
  if (heap > MAX_GROWTH) problems.push(`the heap ends at ${percent(heap)} of what it was after the first reloads`);
  console.log(
    `The resident memory ends at ${percent(resident)} of its beginning, the heap at ${percent(heap)} of what it was after the first reloads.`,
  );
  if (last.threads !== 1) problems.push(`${last.threads} threads are alive, where one planner should be`);
  return problems;
}

async function main(reloads: number): Promise<readonly string[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-soak-"));
  const logs = path.join(folder, "logs");
  fs.mkdirSync(logs);
  const logFileOf = (name: string) => path.join(logs, `${name}.log`);
  const running: Running[] = [];
  const start = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running => {
    const child = spawnProcess(
      { command: process.execPath, args, env },
      { core: name === "gateway" ? 0 : 1, logFile: logFileOf(name) },
    );
    running.push(child);
    return child;
  };
  try {
    const subgraphs = start("subgraphs", [path.join(root, "dist/bench/gateway/processes/subgraph-server.js")]);
    const { port: subgraphPort } = await messageOf<SubgraphReport & { type: "listening" }>(subgraphs);
    const origin = `http://127.0.0.1:${subgraphPort}`;
    const supergraphFile = path.join(folder, "supergraph.graphql");
    fs.writeFileSync(supergraphFile, composeSupergraph(origin, 0));
    const gateway = start(
      "gateway",
      [
        ...[...YOUNG_GENERATION, ...ONE_CORE_FLAGS, "--expose-gc", "--require", path.join(__dirname, "probe.js")],
        ...[path.join(root, "dist/gateway/main.js"), "--supergraph", supergraphFile, "--port", "0"],
      ],
      { HOST: "127.0.0.1", LOG_LEVEL: "info" },
    );
    const { port } = await messageOf<{ port: number }>(gateway);
    const load = startLoad({ port, bodies: requestBodies(), clients: CLIENTS, pauseMs: PAUSE_MS });
    const reload = async (number: number) => {
      gateway.clearOutput();
      fs.writeFileSync(`${supergraphFile}.next`, composeSupergraph(origin, number));
      fs.renameSync(`${supergraphFile}.next`, supergraphFile);
      const until = Date.now() + RELOAD_PATIENCE_MS;
      for (;;) {
        const log = fs.readFileSync(logFileOf("gateway"), "utf8");
        if (log.includes(SERVED)) return;
        if (log.includes(NOT_SERVED) || Date.now() > until)
          throw new Error(`graph ${number} is not served: ${unusual(log)}`);
        await delay(20);
      }
    };
    const { loads, probes } = await soak({ gateway, load, reload }, reloads);
    return verdict([...loads, await load.stop()], probes);
  } finally {
    for (const child of running.reverse()) await child.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Without the access log. */
const unusual = (log: string) =>
  log
    .split("\n")
    .filter((line) => !line.includes('"request answered"'))
    .join("\n");

const { values } = parseArgs({ options: { reloads: { type: "string", default: "200" } } });
main(Number(values.reloads)).then(
  (problems) => {
    for (const problem of problems) console.error(problem);
    console.log(problems.length === 0 ? "Nothing was dropped, nothing was left behind." : "The soak failed.");
    process.exit(problems.length === 0 ? 0 : 1);
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
