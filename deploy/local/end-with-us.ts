import { spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Ends a process that knows nothing of us when we end without a word (kill -9): a shell waits for its standard input
 * to close, which the kernel does for the dead, and then sends the signal. Costs one sleeping shell; POSIX only, so
 * elsewhere the next start cleans up (end-stale-server.ts).
 *
 * @returns a function that calls the watch off
 */
export function endWithUs(pid: number, signal: "INT" | "TERM"): () => void {
  if (process.platform === "win32") return () => {};
  const script = `read -r _; kill -${signal} "$1" 2>/dev/null`;
  const watcher = spawn("/bin/sh", ["-c", script, "sh", String(pid)], {
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Without a shell the process is only ended by the next start.
  watcher.on("error", () => {});
  watcher.stdin.on("error", () => {});
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return () => void watcher.kill("SIGKILL");
}
