import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { endWithUs } from "./end-with-us";
import { describeExit, type Exit, type RunningProcess } from "./running-process";

export interface MongodOptions {
  readonly file: string;
  readonly dataDirectory: string;
  readonly port: number;
  readonly onOutput: (text: string) => void;
}

const pollMs = 50;

/**
 * Starts the user's own mongod on our data, for this machine only, with a cache fit for a laptop.
 *
 * @param onSpawn called with the process before it listens
 */
export async function startMongod(options: MongodOptions, onSpawn: (process: RunningProcess) => void): Promise<void> {
  fs.mkdirSync(options.dataDirectory, { recursive: true });
  const where = ["--dbpath", options.dataDirectory, "--bind_ip", "127.0.0.1", "--port", String(options.port)];
  const child = spawn(options.file, [...where, "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  child.stdout.setEncoding("utf8").on("data", options.onOutput);
  child.stderr.setEncoding("utf8").on("data", options.onOutput);
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  if (child.pid === undefined) {
    await exited;
    return;
  }
  const callOff = endWithUs(child.pid, "INT");
  void exited.then(callOff);
  onSpawn({
    pid: child.pid,
    exited,
    close: async () => {
      child.kill("SIGINT");
      await exited;
    },
    kill: () => void child.kill("SIGKILL"),
  });

  let ended: Exit | undefined;
  void exited.then((exit) => (ended = exit));
  while (!(await accepts(options.port))) {
    if (ended) throw new Error(`mongod ended before it listened, ${describeExit(ended)}`);
    await delay(pollMs);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
