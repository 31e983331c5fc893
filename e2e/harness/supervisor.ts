import { type ChildProcess as Spawned, spawn } from "node:child_process";
import path from "node:path";
import { listChildren, isAlive, type ChildProcess } from "./child-processes";
import { waitUntil, within } from "./wait-until";

const root = path.resolve(__dirname, "../..");
const startDeadlineMs = 90_000;
const stopDeadlineMs = 15_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One `npm start`, without npm: npm would stand between us and the signals we send. */
export interface Supervisor {
  readonly pid: number;
  /** All that it has printed, both streams. */
  output(): string;
  readonly exited: Promise<Exit>;
  /** Waits for its last line. @returns the gateway's URL @throws Error with the output when it ends before */
  untilReady(): Promise<string>;
  children(): ChildProcess[];
  signal(name: NodeJS.Signals): void;
  /** Ends it and everything that it started, by force when asking does not help. */
  close(): Promise<void>;
}

/** @param env settings besides those of this process */
export function startSupervisor(dataDirectory: string, env: Readonly<Record<string, string>> = {}): Supervisor {
  const child: Spawned = spawn(process.execPath, ["deploy/local/bootstrap.mjs", "start"], {
    cwd: root,
    env: { ...inherited(), PORT: "0", LOG_LEVEL: "warn", TRIBUTARY_DATA_DIR: dataDirectory, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (text: string) => (output += text);
  child.stdout?.setEncoding("utf8").on("data", keep);
  child.stderr?.setEncoding("utf8").on("data", keep);
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve((exit = { code, signal })));
  });
  // The last resort when Jest itself is ended: the children notice that their supervisor is gone.
  const killWithUs = () => void child.kill("SIGKILL");
  process.on("exit", killWithUs);
  void exited.catch(() => undefined).then(() => process.off("exit", killWithUs));

  const children = () => listChildren(dataDirectory);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    untilReady: async () => {
      try {
        return await waitUntil(
          "the platform to be ready",
          () => {
            const url = readyUrl(output);
            if (url === undefined && exit) throw new ExitedError(exit);
            return url;
          },
          { deadlineMs: startDeadlineMs, isFinal: (error) => error instanceof ExitedError },
        );
      } catch (error) {
        throw new Error(`${(error as Error).message}; it printed:\n${output}`, { cause: error });
      }
    },
    children,
    signal: (name) => void child.kill(name),
    close: async () => {
      const family = children();
      child.kill("SIGTERM");
      await within("the platform to stop", exited, stopDeadlineMs).catch(() => undefined);
      child.kill("SIGKILL");
      const left = [...family, ...children()].filter(isAlive);
      for (const { pid } of left) process.kill(pid, "SIGKILL");
    },
  };
}

class ExitedError extends Error {
  constructor({ code, signal }: Exit) {
    super(`it ended (${signal ?? code})`);
  }
}

/** The last line, once it is whole. */
function readyUrl(output: string): string | undefined {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  return output.endsWith("\n") && last.includes("ready") ? /https?:\/\/\S+/.exec(last)?.[0] : undefined;
}

/** Of the developer's own settings nothing may reach a story's platform. */
function inherited(): NodeJS.ProcessEnv {
  const ours =
    /^(PORT|HOST|LOG_LEVEL|NODE_ENV|NODE_OPTIONS|SEED_DEMO|TRIBUTARY_.*|.*_(DATABASE|MONGODB|AMQP|REDIS)?_?URL|AMQP_.*|.*_SECRET|PARTNER_.*|JEST_.*|npm_.*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
