import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { isSameProcess } from "../../deploy/local/bootstrap/process-identity.cjs";

export interface ChildProcess {
  readonly name: string;
  readonly pid: number;
  /** When it started; with the pid it names one process for ever. */
  readonly start: string;
}

/** The processes that a supervisor says it runs. @param dataDirectory its TRIBUTARY_DATA_DIR */
export function listChildren(dataDirectory: string): ChildProcess[] {
  const folder = path.join(dataDirectory, "run");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      try {
        const identity = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")) as { pid: number; start: string };
        return [{ name: path.basename(file, ".json"), ...identity }];
      } catch {
        // Removed this moment: the process has ended.
        return [];
      }
    });
}

export const isAlive = (child: ChildProcess): boolean => isSameProcess(child);

/** What a child was told by its environment; the supervisor chooses its ports and tells nobody else. */
export function environmentOf({ pid }: ChildProcess): Record<string, string> {
  const entries =
    process.platform === "linux"
      ? fs.readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")
      : execFileSync("ps", ["eww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" }).split(/\s+/);
  return Object.fromEntries(
    entries.filter((entry) => /^[A-Z_]+=/.test(entry)).map((entry) => entry.split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;
}
