/**
 * Loaded into a gateway's process before anything else (`--require`): tells of its memory and its threads when it is asked to over its channel.
 * Needs `--expose-gc`.
 */
import workerThreads, { Worker } from "node:worker_threads";

export interface ProbeReport {
  readonly type: "probe";
  /** Of the main thread, after a collection, in bytes. */
  readonly heapBytes: number;
  /** Outside of the heap: buffers. */
  readonly externalBytes: number;
  /** Of the whole process, its threads included. */
  readonly rssBytes: number;
  /** Worker threads alive. */
  readonly threads: number;
  /** Timers, sockets and whatever else keeps a process up, by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

let threads = 0;

class CountedWorker extends Worker {
  constructor(...given: ConstructorParameters<typeof Worker>) {
    super(...given);
    threads++;
    this.once("exit", () => threads--);
  }
}
workerThreads.Worker = CountedWorker;

/** One collection finds what finalizers of the one before let go of. */
const COLLECTIONS = 3;

async function measure(): Promise<ProbeReport> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { type: "probe", heapBytes: heapUsed, externalBytes: external, rssBytes: rss, threads, resources };
}

process.on("message", (message) => {
  if (message === "probe") void measure().then((report) => process.send?.(report));
});
// The channel alone keeps no gateway up.
process.channel?.unref();
