import fs from "node:fs";
import path from "node:path";
import { ExpectedError } from "./bootstrap/expected-error.cjs";
import { tryLock } from "./bootstrap/file-lock.cjs";

export interface DataDirectory {
  readonly path: string;
  /** One log file per process. */
  readonly logs: string;
  /** One record per running process: what a killed supervisor left is found here. */
  readonly run: string;
  close(): void;
}

/**
 * Makes the data directory this process's own.
 *
 * @throws ExpectedError with one sentence when another start uses it, or when it cannot be written
 */
export function openDataDirectory(folder: string): DataDirectory {
  try {
    // Databases and secrets live here: nobody else's business.
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lock = tryLock(path.join(folder, "supervisor.lock"));
    if (lock.heldBy !== undefined) {
      throw new ExpectedError(
        `Tributary is already running on ${folder} (process ${lock.heldBy}); ` +
          "stop it first, or set TRIBUTARY_DATA_DIR to another folder.",
      );
    }
    const logs = path.join(folder, "logs");
    const run = path.join(folder, "run");
    for (const each of [logs, run]) fs.mkdirSync(each, { recursive: true });
    return { path: folder, logs, run, close: () => lock.release() };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOSPC"].includes(code ?? "")) throw cause;
    throw new ExpectedError(
      `The data directory ${folder} cannot be written (${code}); set TRIBUTARY_DATA_DIR to a folder that can.`,
      { cause },
    );
  }
}
