import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";

const main = path.resolve(__dirname, "../../../dist/deploy/local/amqp/main.js");

export interface BrokerProcess {
  url: string;
  child: ChildProcess;
  /** What it printed. */
  output(): string;
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** The compiled broker as a process of its own; rejects with what it printed when it ends before it listens. */
export async function startBrokerProcess(environment: Record<string, string>): Promise<BrokerProcess> {
  if (!fs.existsSync(main)) throw new Error(`${main} does not exist: run "npm run build" first (npm test does)`);
  const child = fork(main, [], { env: { ...process.env, PORT: "0", ...environment }, silent: true });
  const exited = once(child, "exit") as Promise<[number | null]>;
  let output = "";
  child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr?.on("data", (text: Buffer) => (output += text.toString()));
  // Not when it exits but when its last words have arrived; a child that was disconnected never gets there.
  const silent = once(child, "close");
  const listening = once(child, "message") as Promise<[{ type: string; port: number }]>;
  const first = await Promise.race([listening, exited]);
  const message = first[0];
  if (message === null || typeof message === "number" || message.type !== "listening") {
    await silent;
    throw new Error(`the broker ended before it listened: ${output}`);
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return (await exited)[0];
  };
  return {
    url: `amqp://guest:guest@127.0.0.1:${message.port}`,
    child,
    output: () => output,
    kill: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
  };
}
