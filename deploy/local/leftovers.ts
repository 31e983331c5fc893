import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { isSameProcess, processStart } from "./bootstrap/process-identity.cjs";

const record = z.object({ pid: z.number().int().positive(), start: z.string() });
const pollMs = 25;
/** Our services survive a kill at any moment, and have noticed by themselves that they are orphans: no need to wait long. */
const usualPatienceMs = 2_000;

/**
 * Writes down that a process is running, so that the next start finds it should this one be killed.
 * @returns a function that forgets it, to be called when it has ended
 */
export function recordProcess(runFolder: string, name: string, pid: number): () => void {
  const file = path.join(runFolder, `${name}.json`);
  const start = processStart(pid);
  if (start === undefined) return () => {};
  fs.writeFileSync(`${file}.new`, JSON.stringify({ pid, start }));
  fs.renameSync(`${file}.new`, file);
  return () => fs.rmSync(file, { force: true });
}

/**
 * Ends what a killed supervisor left running, politely at first.
 * @returns the names of what had to be ended
 */
export async function endLeftovers(runFolder: string, patienceMs = usualPatienceMs): Promise<string[]> {
  const ended = await Promise.all(
    fs.readdirSync(runFolder).map(async (entry) => {
      const file = path.join(runFolder, entry);
      const process = read(file);
      // "unknown": the system cannot tell our process from another one that was given its pid. Then it is left alone.
      const isOurs = process !== undefined && process.start !== "unknown" && isSameProcess(process);
      if (isOurs) await end(process, patienceMs);
      fs.rmSync(file, { force: true });
      return isOurs ? path.basename(entry, ".json") : undefined;
    }),
  );
  return ended.filter((name) => name !== undefined);
}

/** SIGINT: an orderly end for our services and mongod, and for PostgreSQL the shutdown that does not wait for clients. */
async function end(leftover: z.infer<typeof record>, patienceMs: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    try {
      process.kill(leftover.pid, signal);
    } catch {
      return;
    }
    for (const until = Date.now() + patienceMs; Date.now() < until; await delay(pollMs)) {
      if (!isSameProcess(leftover)) return;
    }
  }
}

function read(file: string): z.infer<typeof record> | undefined {
  try {
    return record.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
