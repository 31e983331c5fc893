import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { processStart } from "../bootstrap/process-identity.cjs";

const pollMs = 20;
/** Each signal asks harder: finish your transactions' rollback; drop everything; die. */
const escalation: readonly (readonly [NodeJS.Signals, number])[] = [
  ["SIGINT", 5_000],
  ["SIGQUIT", 3_000],
  ["SIGKILL", 2_000],
];

/**
 * Ends the server a killed supervisor left running on this cluster, and removes a lock file whose pid now belongs to
 * somebody else: PostgreSQL would refuse to start on either.
 */
export async function endStaleServer(cluster: string): Promise<void> {
  const lockFile = path.join(cluster, "postmaster.pid");
  if (!fs.existsSync(lockFile)) return;
  const pid = Number.parseInt(fs.readFileSync(lockFile, "utf8"), 10);
  if (isServerOf(pid, cluster)) await endServer(pid);
  fs.rmSync(lockFile, { force: true });
}

export async function endServer(pid: number): Promise<void> {
  const start = processStart(pid);
  if (start === undefined) return;
  for (const [signal, patienceMs] of escalation) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (const until = Date.now() + patienceMs; Date.now() < until; await delay(pollMs)) {
      if (processStart(pid) !== start) return;
    }
  }
}

/** Only a process that was started on this very folder is ours to end. */
function isServerOf(pid: number, cluster: string): boolean {
  const command = commandOf(pid);
  return command.includes("postgres") && command.includes(cluster);
}

function commandOf(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 1) return "";
  try {
    if (process.platform === "linux") return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}
