/**
 * How long `npm start` takes in an installed and built clone, and what the idle platform costs: `npm run bench:startup`.
 * Everything happens in a data directory of its own, on a free port, and is gone afterwards.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const root = path.resolve(__dirname, "../..");
const targets = { firstStartMs: 20_000, laterStartMs: 8_000, idleBytes: 1.2e9 };
/** Long enough for start-up work to end (demo data, first connections) and a collection to have happened. */
const settleMs = 10_000;

interface Started {
  readonly supervisor: ChildProcess;
  readonly elapsedMs: number;
}

async function start(dataDirectory: string): Promise<Started> {
  const startedAt = performance.now();
  const supervisor = spawn(process.execPath, ["deploy/local/bootstrap.mjs", "start"], {
    cwd: root,
    env: { ...process.env, PORT: "0", TRIBUTARY_DATA_DIR: dataDirectory },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  await new Promise<void>((resolve, reject) => {
    supervisor.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("Tributary is ready at ")) resolve();
    });
    supervisor.once("exit", () => reject(new Error(`the platform did not start:\n${output}`)));
  });
  return { supervisor, elapsedMs: performance.now() - startedAt };
}

async function stop({ supervisor }: Started): Promise<number> {
  const startedAt = performance.now();
  supervisor.kill("SIGTERM");
  await once(supervisor, "exit");
  return performance.now() - startedAt;
}

interface Memory {
  readonly name: string;
  readonly rssBytes: number;
  /** Resident memory with shared pages split among those who share them; Linux only. */
  readonly pssBytes: number | undefined;
}

/** The supervisor, its children and theirs. */
function measureMemory(supervisorPid: number): Memory[] {
  const table = execFileSync("ps", ["-axo", "pid=,ppid=,rss=,args="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, ppid, rss, args]) => ({ pid: Number(pid), ppid: Number(ppid), rss: Number(rss), args: args ?? "" }));
  const family = new Set([supervisorPid]);
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const { pid, ppid, args } of table) {
      // ps itself is a child of ours, not of the platform.
      if (family.has(ppid) && !args.startsWith("ps ")) family.add(pid);
    }
  }
  return table
    .filter(({ pid }) => family.has(pid))
    .map(({ pid, rss, args }) => ({ name: nameOf(args), rssBytes: rss * 1_024, pssBytes: readPss(pid) }));
}

function nameOf(args: string): string {
  if (args.includes("bootstrap.mjs")) return "supervisor";
  if (/postgres/.test(args)) return "postgres";
  return /(\w+)\/main\.js/.exec(args)?.[1] ?? path.basename(args.split(" ")[0] ?? "");
}

function readPss(pid: number): number | undefined {
  try {
    const kibibytes = /^Pss:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
  } catch {
    return undefined;
  }
}

function print(label: string, value: string, target: string): void {
  console.log(`${label.padEnd(28)} ${value.padStart(12)}   ${target}`);
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

async function main(): Promise<void> {
  execFileSync(process.execPath, ["deploy/local/bootstrap.mjs", "build"], { cwd: root, stdio: "inherit" });
  const dataDirectory = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-startup-"));
  let running: Started | undefined;
  try {
    running = await start(dataDirectory);
    const firstStartMs = running.elapsedMs;
    const stopMs = await stop(running);
    running = await start(dataDirectory);
    const laterStartMs = running.elapsedMs;
    await delay(settleMs);
    const memory = measureMemory(running.supervisor.pid ?? 0);

    print("first start", seconds(firstStartMs), `target < ${seconds(targets.firstStartMs)}`);
    print("second start", seconds(laterStartMs), `target < ${seconds(targets.laterStartMs)}`);
    print("stop", seconds(stopMs), "target < 10.0 s");
    const rss = memory.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
    print("idle memory, sum of RSS", megabytes(rss), `target < ${megabytes(targets.idleBytes)}`);
    if (memory.every(({ pssBytes }) => pssBytes !== undefined)) {
      const pss = memory.reduce((sum, { pssBytes }) => sum + (pssBytes ?? 0), 0);
      print("idle memory, sum of PSS", megabytes(pss), "shared pages counted once");
    }
    const names = [...new Set(memory.map(({ name }) => name))];
    for (const name of names) {
      const own = memory.filter((each) => each.name === name);
      const suffix = own.length > 1 ? ` (${own.length} processes)` : "";
      print(`  ${name}${suffix}`, megabytes(own.reduce((sum, { rssBytes }) => sum + rssBytes, 0)), "");
    }
  } finally {
    if (running && running.supervisor.exitCode === null) await stop(running);
    fs.rmSync(dataDirectory, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
