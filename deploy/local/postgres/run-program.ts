import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { cannotRun } from "./find-binaries";
import type { RunAs } from "./run-as";

/**
 * Starts one of PostgreSQL's programs, away from our terminal: Ctrl-C must reach the supervisor alone, which stops the
 * database last. The environment is small and fixed, so that the user's PG* variables and locale change nothing.
 */
export function runProgram(runAs: RunAs, program: "initdb" | "postgres", args: readonly string[]): ChildProcess {
  const file = path.join(runAs.binaries, "bin", process.platform === "win32" ? `${program}.exe` : program);
  const [command, ...words] = [...runAs.prefix, file, ...args] as [string, ...string[]];
  const { PATH, SYSTEMROOT, TEMP } = process.env;
  return spawn(command, words, {
    uid: runAs.uid,
    gid: runAs.gid,
    // Our own folder may be closed to the user the program runs as.
    cwd: process.platform === "win32" ? undefined : "/",
    env: { PATH, SYSTEMROOT, TEMP, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
}

/** Runs a program to its end. @throws with its output when it fails */
export async function finishProgram(child: ChildProcess): Promise<void> {
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) => reject(cannotRun(error.message)));
    child.on("close", resolve);
  });
  if (code !== 0) throw cannotRun(lastLine(output) || `exit code ${code}`);
}

/** PostgreSQL says what is wrong in its last FATAL or error line; hints and details follow it. */
export function lastLine(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return (lines.findLast((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? "").trim();
}
