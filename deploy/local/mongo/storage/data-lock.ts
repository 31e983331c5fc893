import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Keeps a second process off a data directory. The lock names its owner and when that process started, so that the lock of
 * a killed server, even when another process has its number now, is taken over.
 * @throws Error that says who holds the directory.
 */
export function lockDirectory(directory: string): { release: () => void } {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "LOCK");
  const mine = `${process.pid} ${startTime(process.pid)}\n`;
  const draft = join(directory, `LOCK.${process.pid}`);
  writeFileSync(draft, mine);
  try {
    // A link appears with its content or not at all: nobody can read half a lock.
    while (!tryLink(draft, path)) takeOverStale(path, directory);
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release: () => {
      if (read(path) === mine) rmSync(path, { force: true });
    },
  };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function takeOverStale(path: string, directory: string): void {
  const held = read(path);
  if (held === undefined) return;
  const [pid = NaN, started = ""] = held.trim().split(" ");
  const owner = Number(pid);
  if (owner !== process.pid && isRunning(owner) && (started === "" || startTime(owner) === started)) {
    throw new Error(
      `another server (process ${owner}) is using ${directory}: stop it, or set MONGO_DATA_DIR to another directory`,
    );
  }
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // Two starts can find the same stale lock; the slower one has just moved the lock of the faster one.
  if (read(aside) !== held) {
    tryLink(aside, path);
    rmSync(aside, { force: true });
    throw new Error(`another server has just started in ${directory}`);
  }
  rmSync(aside, { force: true });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Clock ticks since boot at which a process started, field 22 of proc(5); empty where there is no /proc. */
function startTime(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
