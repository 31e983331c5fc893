import { readFileSync } from "node:fs";

/**
 * Milliseconds that this process's main thread has had of a processor. Unlike the clock it does not depend on what else the machine does.
 * Linux tells it of each thread (`schedstat` in proc(5)); elsewhere it is that of the whole process, which is more.
 */
export function processorMs(): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
    return Number(nanoseconds) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
}

/** @returns what `act` took of the main thread, in milliseconds */
export async function measured<T>(act: () => Promise<T> | T): Promise<{ result: T; ms: number }> {
  const before = processorMs();
  const result = await act();
  return { result, ms: processorMs() - before };
}
