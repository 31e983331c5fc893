import type { Worker } from "node:worker_threads";
import { ClientError } from "../../kit/errors";
import type { GraphFacts } from "./apollo-planner";
import type { PlanLimits } from "./plan-limits";
import { type Planner, PlanLimitError } from "./planner";
import type { ThreadAnswer, ThreadRequest } from "./planner-messages";
import { createPlanningQueue } from "./planning-queue";
import { isOutOfMemory, startWorker } from "./start-worker";

export interface PlannerThread extends GraphFacts {
  readonly planner: Planner;
}

type Done = Extract<ThreadAnswer, { readonly plan: unknown } | { readonly examined: unknown }>;

interface Job {
  readonly request: ThreadRequest;
  readonly resolve: (answer: Done) => void;
  readonly reject: (reason: Error) => void;
}

const DEFAULT_MAX_HEAP_MB = 512;

/**
 * Loads a supergraph in a thread of its own and plans there, so that neither loading nor a hostile operation keeps anyone else waiting. Large
 * documents are examined there as well, for the same reason.
 * One operation is planned at a time; `createPlanningQueue` decides whose turn it is. One that takes longer than `limits.maxPlanMs`, or
 * more memory than the thread has, is refused and the thread replaced; those behind it are planned by the new one. Whatever they wait for,
 * they do so for `limits.maxPlanWaitMs` at most.
 *
 * @param options.sdl see `runtimeView`
 * @param options.execArgv options of Node for the thread; none of the process's own are inherited
 * @param options.maxHeapMb of the thread
 * @throws SupergraphError when the text cannot be loaded
 */
export async function startPlannerThread(options: {
  sdl: string;
  limits: PlanLimits;
  execArgv?: readonly string[] | undefined;
  maxHeapMb?: number | undefined;
}): Promise<PlannerThread> {
  const { sdl, limits, execArgv = [], maxHeapMb = DEFAULT_MAX_HEAP_MB } = options;
  const { maxPlanPaths, maxEvaluatedPlans, maxPlanMs, maxWaitingPlans, maxPlanWaitMs } = limits;
  const start = () => startWorker({ data: { sdl, limits: { maxPlanPaths, maxEvaluatedPlans } }, execArgv, maxHeapMb });

  const waiting = createPlanningQueue<Job>({
    maxWaiting: maxWaitingPlans,
    maxWaitMs: maxPlanWaitMs,
    sizeOf: ({ request }) => request.document.length,
    onWaitedTooLong: ({ reject }) => reject(waitedTooLong(maxPlanWaitMs)),
  });
  let running: { readonly job: Job; readonly timer: NodeJS.Timeout } | undefined;
  let worker: Worker | undefined;
  let replacing: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  const adopt = (loaded: Worker) => {
    let cause: unknown;
    loaded.on("message", (answer: ThreadAnswer) => {
      // What a lost thread still says is about an operation that has its answer.
      if (loaded !== worker) return;
      const job = take();
      if (job) settle(job, answer);
      runNext();
    });
    loaded.on("error", (error) => (cause = error));
    loaded.on("exit", () => loaded === worker && replace(reasonOfEnd(cause)));
    worker = loaded;
  };

  const take = (): Job | undefined => {
    const job = running?.job;
    clearTimeout(running?.timer);
    running = undefined;
    return job;
  };

  const runNext = () => {
    if (closing || running) return;
    if (!worker) return replace();
    const job = waiting.next();
    if (!job) return;
    const timer = setTimeout(() => replace(new PlanLimitError("milliseconds of planning", maxPlanMs)), maxPlanMs);
    running = { job, timer };
    worker.postMessage(job.request);
  };

  /** Refuses what is planned now; what waits goes on when there is a new thread. */
  const replace = (reason?: Error) => {
    if (reason) take()?.reject(reason);
    const lost = worker;
    worker = undefined;
    if (closing) return;
    replacing ??= (async () => {
      await lost?.terminate();
      try {
        const { worker: fresh } = await start();
        adopt(fresh);
      } catch (cause) {
        // The next operation tries again.
        for (const job of waiting.empty()) job.reject(new Error("The planner's thread cannot be started.", { cause }));
      }
      replacing = undefined;
      runNext();
    })();
  };

  const reasonOfEnd = (cause: unknown): Error =>
    isOutOfMemory(cause)
      ? new PlanLimitError("megabytes of memory for planning", maxHeapMb)
      : new Error("The planner's thread ended.", { cause });

  const close = async () => {
    for (const job of [take(), ...waiting.empty()]) job?.reject(planningHasEnded());
    await replacing;
    await worker?.terminate();
  };

  const ask = (request: ThreadRequest): Promise<Done> =>
    new Promise((resolve, reject) => {
      if (closing) return reject(planningHasEnded());
      waiting.add({ request, resolve, reject })?.reject(tooManyWait());
      runNext();
    });

  const { worker: first, facts } = await start();
  adopt(first);
  return {
    ...facts,
    planner: {
      plan: async (request) => {
        const answer = await ask(request);
        if ("plan" in answer) return answer.plan;
        throw new Error("The planner's thread examined what it should have planned.");
      },
      examine: async (document, options) => {
        const answer = await ask({ document, examine: options });
        if ("examined" in answer) return answer.examined;
        throw new Error("The planner's thread planned what it should have examined.");
      },
      close: () => (closing ??= close()),
    },
  };
}

function settle({ resolve, reject }: Job, answer: ThreadAnswer): void {
  if ("plan" in answer || "examined" in answer) resolve(answer);
  else if ("refusal" in answer) reject(new PlanLimitError(answer.refusal.limit, answer.refusal.max));
  else if ("clientError" in answer) reject(new ClientError(answer.clientError.code, answer.clientError.message));
  else reject(new Error(answer.fault));
}

const tooManyWait = () =>
  new ClientError(
    "SERVICE_UNAVAILABLE",
    "Too many operations that are new to the gateway wait to be planned; try again.",
  );

const waitedTooLong = (ms: number) =>
  new ClientError(
    "SERVICE_UNAVAILABLE",
    `This operation is new to the gateway, which has not come to plan it within ${ms} ms; try again.`,
  );

const planningHasEnded = () => new ClientError("SERVICE_UNAVAILABLE", "This graph is not served any more; try again.");
