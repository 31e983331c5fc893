import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { SupergraphError } from "../supergraph/supergraph-error";
import type { GraphFacts } from "./apollo-planner";
import type { LoadedMessage, PlannerThreadData } from "./planner-messages";

export interface WorkerOptions {
  readonly data: PlannerThreadData;
  readonly maxHeapMb: number;
  /** For a thread that runs TypeScript: what teaches it to. */
  readonly execArgv: readonly string[];
}

export interface LoadedWorker {
  readonly worker: Worker;
  readonly facts: GraphFacts;
}

/** Small: what is planned or examined is gone afterwards, and a thread that is replaced does not give back at once what it took. */
const YOUNG_GENERATION_MB = 16;

let isolatesInTheMaking = 0;

/**
 * Makes a thread under V8 flags that hold for it and not for the main thread, whose heap and compiler have read theirs already.
 * A size of the young generation from the command line would rule out the thread's own. And optimised code must be compiled by the thread
 * itself: Node unregisters an ending thread from its platform before it waits for V8's background compilers, and one that happens to start
 * a garbage collection in between aborts the whole process (node_platform.cc, "(data.first) != nullptr").
 *
 * One flag stays for all: V8 allocates what has survived before among old objects from the beginning. A syntax tree survives while it is validated, and of the next one
 * half the nodes, old and dead, keep the other half alive: each large document was copied twice and then cost a full collection.
 */
function createIsolate(create: () => Worker): Worker {
  setFlagsFromString("--max-semi-space-size=0");
  setFlagsFromString("--no-concurrent-recompilation");
  setFlagsFromString("--no-allocation-site-pretenuring");
  isolatesInTheMaking += 1;
  let made = false;
  const isMade = () => {
    if (made) return;
    made = true;
    isolatesInTheMaking -= 1;
    if (isolatesInTheMaking === 0) setFlagsFromString("--concurrent-recompilation");
  };
  // One that cannot start ends without ever being online.
  return create().once("online", isMade).once("exit", isMade);
}

/** Resolves when the thread has loaded the supergraph; nobody listens to it then. @throws SupergraphError */
export async function startWorker({ data, maxHeapMb, execArgv }: WorkerOptions): Promise<LoadedWorker> {
  const worker = createIsolate(
    () =>
      new Worker(path.join(__dirname, `planner-worker${path.extname(__filename)}`), {
        name: "planner",
        workerData: data,
        execArgv: [...execArgv],
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB, maxOldGenerationSizeMb: maxHeapMb },
      }),
  );
  try {
    const loaded = await firstMessage(worker);
    if ("facts" in loaded) return { worker, facts: loaded.facts };
    throw new SupergraphError(loaded.unusable);
  } catch (error) {
    await worker.terminate();
    if (isOutOfMemory(error)) {
      throw new SupergraphError(`Loading the supergraph takes more than ${maxHeapMb} MB of memory.`, { cause: error });
    }
    throw error;
  }
}

export const isOutOfMemory = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";

function firstMessage(worker: Worker): Promise<LoadedMessage> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error("The planner's thread ended before it had loaded the supergraph."));
    worker.once("error", reject).once("exit", onExit);
    worker.once("message", (message: LoadedMessage) => {
      worker.off("error", reject).off("exit", onExit);
      resolve(message);
    });
  });
}
