import { spawn } from "node:child_process";
import path from "node:path";
import { waitUntil } from "../harness/wait-until";

const root = path.resolve(__dirname, "../..");

/** A command in a shell, as a newcomer pastes it. */
export interface Pasted {
  output(): string;
  readonly exitCode: number | null;
  /** Waits until it has ended. @returns what it printed */
  untilEnded(): Promise<string>;
  /** As Ctrl-C ends it. */
  interrupt(): Promise<void>;
}

export function paste(command: string): Pasted {
  const shell = spawn("bash", ["-c", command], { cwd: root, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  const keep = (text: string) => (output += text);
  shell.stdout.setEncoding("utf8").on("data", keep);
  shell.stderr.setEncoding("utf8").on("data", keep);
  let isClosed = false;
  shell.once("close", () => (isClosed = true));
  const untilEnded = async () => {
    await waitUntil(`the end of "${command.slice(0, 60)} …"`, () => isClosed);
    return output;
  };
  return {
    output: () => output,
    get exitCode() {
      return shell.exitCode;
    },
    untilEnded,
    interrupt: async () => {
      // A terminal sends it to the whole group of processes.
      if (!isClosed && shell.pid !== undefined) process.kill(-shell.pid, "SIGINT");
      await untilEnded();
    },
  };
}

/** The commands on the screen: lines that begin with a program. */
export function commandsOn(screen: string): string[] {
  return screen
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(curl|node|npm|npx) /.test(line));
}
