import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folder in which it runs. */
  readonly cwd?: string;
}

export interface Running {
  readonly pid: number;
  readonly process: ChildProcess;
  /** The end of what it has printed. */
  readonly output: () => string;
  /** Forgets what it has printed, so that a chatty process does not fill the disk. */
  readonly clearOutput: () => void;
  readonly stop: () => Promise<void>;
}

const OUTPUT_TAIL = 2_000;
const STOP_MS = 5_000;
let canPin: boolean | undefined;

/** Whether processes can be bound to a core: needs `taskset` and a second core. */
export function pinningWorks(): boolean {
  if (canPin !== undefined) return canPin;
  try {
    execFileSync("taskset", ["-c", "1", "true"], { stdio: "ignore" });
    canPin = os.availableParallelism() > 1;
  } catch {
    canPin = false;
  }
  return canPin;
}

/** Keeps this process off the core of what is measured; the memory and the CPU of others are read often. */
export function pinThisProcess(core: number): void {
  if (pinningWorks())
    execFileSync("taskset", ["-a", "-c", "-p", String(core), String(process.pid)], { stdio: "ignore" });
}

/**
 * @param core number of the core that the process and all its threads stay on, where that works; `undefined`: any
 * @param logFile gets its output: a file, as a container's log is, not a pipe that somebody has to read
 */
export function spawnProcess(
  launch: Launch,
  { core, logFile }: { core: number | undefined; logFile: string },
): Running {
  const [command, args] =
    core !== undefined && pinningWorks()
      ? ["taskset", ["-c", String(core), launch.command, ...launch.args]]
      : [launch.command, launch.args];
  const log = fs.openSync(logFile, "a");
  const child = spawn(command, args, {
    cwd: launch.cwd,
    env: { ...process.env, NODE_ENV: "production", ...launch.env },
    stdio: ["ignore", log, log, "ipc"],
    // A group of its own: whatever it starts ends with it.
    detached: true,
  });
  fs.closeSync(log);
  child.on("error", (error) => fs.appendFileSync(logFile, error.message));
  return {
    pid: child.pid ?? 0,
    process: child,
    output: () => fs.readFileSync(logFile, "utf8").slice(-OUTPUT_TAIL).trim(),
    clearOutput: () => fs.truncateSync(logFile),
    stop: async () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      signalGroup(child.pid, "SIGTERM");
      const force = setTimeout(() => signalGroup(child.pid!, "SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
