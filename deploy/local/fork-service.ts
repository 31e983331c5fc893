import { fork } from "node:child_process";
import type { Exit, RunningProcess } from "./running-process";
import { describeExit } from "./running-process";

export interface ServiceOptions {
  /** Compiled entry point. */
  readonly file: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly execArgv?: readonly string[];
  /** Gets what it prints, as it comes. */
  readonly onOutput: (text: string) => void;
}

export interface Service extends RunningProcess {
  /** The port it listens on, by its own word; rejects when it ends without having listened. */
  readonly listening: Promise<number>;
}

/**
 * Starts one of our Node programs. It reports `{ type: "listening", port }` over IPC, and ends by itself when that
 * channel closes (TRIBUTARY_SUPERVISED=1): a supervisor killed with -9 leaves nothing behind. It is detached from our
 * terminal, because Ctrl-C there must not reach the services before their clients.
 */
export function forkService({ file, cwd, env, execArgv = [], onOutput }: ServiceOptions): Service {
  const child = fork(file, [], {
    cwd,
    env: { ...env, TRIBUTARY_SUPERVISED: "1" },
    execArgv: [...execArgv],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  child.stdout?.setEncoding("utf8").on("data", onOutput);
  child.stderr?.setEncoding("utf8").on("data", onOutput);

  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => {
      onOutput(`${error.message}\n`);
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
  const listening = new Promise<number>((resolve, reject) => {
    child.on("message", (message) => {
      if (isListening(message)) resolve(message.port);
    });
    void exited.then((exit) => reject(new Error(`ended before it listened (${describeExit(exit)})`)));
  });
  // Most callers wait for something else, and an early end is told by `exited` too.
  listening.catch(() => {});

  return {
    pid: child.pid ?? 0,
    exited,
    listening,
    close: async () => {
      child.kill("SIGTERM");
      await exited;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

function isListening(message: unknown): message is { type: "listening"; port: number } {
  return typeof message === "object" && message !== null && (message as { type?: unknown }).type === "listening";
}
