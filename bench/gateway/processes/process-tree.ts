import fs from "node:fs";

/** What a process and its descendants cost, from /proc: Linux only, undefined elsewhere. */
export interface TreeUsage {
  /** User and system time since they started. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** The kernel's unit in /proc/PID/stat; 100 a second on every Linux that Node runs on. */
const MICROS_PER_TICK = 10_000;

export const readTreeUsage = (rootPid: number): TreeUsage | undefined => readUsageOf(readTree(rootPid));

export function readUsageOf(pids: readonly number[] | undefined): TreeUsage | undefined {
  if (!pids) return undefined;
  const cpuMicros = pids.reduce(
    (sum, pid) => sum + (readThreadMicros(pid) ?? (readStat(pid)?.ticks ?? 0) * MICROS_PER_TICK),
    0,
  );
  return { cpuMicros, rssBytes: readRssOf(pids) };
}

/** @returns the process and its descendants, in no order; going through all processes takes milliseconds */
export function readTree(rootPid: number): readonly number[] | undefined {
  if (!fs.existsSync("/proc/self/stat")) return undefined;
  const parents = new Map<number, number>();
  for (const entry of fs.readdirSync("/proc")) {
    const pid = Number(entry);
    if (Number.isInteger(pid)) parents.set(pid, readStat(pid)?.parent ?? 0);
  }
  const isInTree = (pid: number): boolean =>
    pid === rootPid || (parents.get(pid) !== undefined && pid !== 0 && isInTree(parents.get(pid)!));
  return [...parents.keys()].filter(isInTree);
}

/** Resident bytes of these processes together; of one that has ended none. */
export const readRssOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + readRss(pid), 0);

function readStat(pid: number): { parent: number; ticks: number } | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in parentheses and may hold spaces: what follows it begins with the state.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

/** Time of the threads that it has, in the scheduler's own count: ticks are too coarse for short rounds. Undefined where the kernel does not tell. */
function readThreadMicros(pid: number): number | undefined {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    const nanos = threads.map((id) =>
      Number(fs.readFileSync(`/proc/${pid}/task/${id}/schedstat`, "latin1").split(" ")[0]),
    );
    return nanos.reduce((sum, one) => sum + one, 0) / 1_000;
  } catch {
    return undefined;
  }
}

function readRss(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(match?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
