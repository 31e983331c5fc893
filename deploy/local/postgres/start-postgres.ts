import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Exit, RunningProcess } from "../running-process";
import { createCluster, superuser } from "./create-cluster";
import { createDatabases } from "./create-databases";
import { endServer, endStaleServer } from "./end-stale-server";
import { endWithUs } from "../end-with-us";
import { cannotRun, findBinaries } from "./find-binaries";
import { chooseRunAs } from "./run-as";
import { lastLine, runProgram } from "./run-program";

export interface PostgresOptions {
  /** Folder for the cluster and what belongs to it. */
  readonly home: string;
  readonly port: number;
  readonly password: string;
  /** Databases that must exist. */
  readonly databases: readonly string[];
  /** False: answers before the disk does. For tests, whose data may go with the machine. */
  readonly durable?: boolean;
  readonly userNamespaces?: boolean;
  /** Gets the server's log as it comes. */
  readonly onLog?: (text: string) => void;
}

/** `close` is a fast shutdown: clients are disconnected, the data is checkpointed. */
export interface Postgres extends RunningProcess {
  /** How the server runs: "this user", "a user namespace", "user nobody". */
  readonly who: string;
  url(database: string): string;
}

/** A development laptop's worth of PostgreSQL, reachable from this machine only. */
const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "32MB",
  max_wal_size: "256MB",
  // Background processes nobody here needs: replication, parallel queries, just-in-time compilation, I/O workers.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_parallel_workers_per_gather: "0",
  jit: "off",
  io_method: "sync",
  logging_collector: "off",
  log_checkpoints: "off",
  log_timezone: "UTC",
  timezone: "UTC",
};
const carefree = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
const sharedMemoryPatienceMs = 5_000;
const readyPatienceMs = 60_000;

/**
 * Starts the embedded PostgreSQL, making its cluster and databases when they are missing.
 *
 * @throws ExpectedError with one sentence when it cannot run on this machine
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const binaries = findBinaries();
  const runAs = chooseRunAs({ binaries, home: path.resolve(options.home), userNamespaces: options.userNamespaces });
  const cluster = await createCluster(runAs, options.password);
  await endStaleServer(cluster);

  const all = { ...settings, ...(options.durable === false ? carefree : {}) };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const start = () => runProgram(runAs, "postgres", ["-D", cluster, "-p", String(options.port), ...flags]);
  const child = await untilReady(start, options.onLog ?? (() => {}));

  const pid = child.pid as number;
  const callOff = endWithUs(pid, "INT");
  const exited = new Promise<Exit>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      resolve({ code: child.exitCode, signal: child.signalCode });
    else child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  void exited.then(callOff);
  const url = (database: string) => postgresUrl(options, database);
  const close = async () => {
    await endServer(pid);
    await exited;
  };
  try {
    await createDatabases(url("postgres"), options.databases);
  } catch (error) {
    await close();
    throw error;
  }
  return { pid, who: runAs.who, url, exited, close, kill: () => void child.kill("SIGKILL") };
}

/** Where a database of the embedded server is, or will be. */
export function postgresUrl({ port, password }: Pick<PostgresOptions, "port" | "password">, database: string): string {
  return `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * The backends of a server that was killed with -9 need a moment to notice; until then a new one finds their shared
 * memory in use and gives up.
 */
async function untilReady(start: () => ChildProcess, onLog: (text: string) => void): Promise<ChildProcess> {
  for (const until = Date.now() + sharedMemoryPatienceMs; ; await delay(100)) {
    try {
      return await ready(start(), onLog);
    } catch (error) {
      if (!String(error).includes("shared memory block") || Date.now() > until) throw error;
    }
  }
}

function ready(child: ChildProcess, onLog: (text: string) => void): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    let output = "";
    let isReady = false;
    const timer = setTimeout(() => {
      child.kill("SIGQUIT");
      reject(cannotRun(`not ready after ${readyPatienceMs / 1_000} s; ${lastLine(output)}`));
    }, readyPatienceMs);
    const listen = (text: string) => {
      onLog(text);
      if (isReady) return;
      output += text;
      isReady = output.includes("ready to accept connections");
      if (!isReady) return;
      clearTimeout(timer);
      resolve(child);
    };
    child.stderr?.setEncoding("utf8").on("data", listen);
    child.stdout?.setEncoding("utf8").on("data", listen);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(cannotRun(error.message));
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      reject(cannotRun(lastLine(output) || `exit code ${code}`));
    });
  });
}
