import type { TakeQuota } from "../quotas/create-take-quota";
import type { CallCounter } from "../usage/create-call-counter";
import type { Answer, CallStage, CheckCall, RunCall } from "./call";

/**
 * What every call passes, in one function and in this order: it is checked, takes of its quotas, runs, gives back what it did not use, and is counted; what is
 * refused or fails on the way is counted as well. One promise for all of it, since most of it has nothing to wait for.
 * @param options.stages what calls meet between their quotas and the graph, the outermost first
 */
export function createCallPath(options: {
  usage: CallCounter;
  checks: readonly CheckCall[];
  takeQuota: TakeQuota;
  stages: readonly CallStage[];
  graph: RunCall;
}): RunCall {
  const { usage, checks, takeQuota, stages, graph } = options;
  const run = stages.reduceRight<RunCall>((next, stage) => (call) => stage(call, next), graph);
  return async (call) => {
    const beganAtMs = performance.now();
    let answer: Answer;
    try {
      for (const check of checks) check(call);
      const taking = takeQuota(call);
      const hold = taking instanceof Promise ? await taking : taking;
      try {
        answer = await run(call);
      } catch (error) {
        hold?.settle(undefined);
        throw error;
      }
      hold?.settle(answer);
    } catch (error) {
      usage.failed(call, beganAtMs, error);
      throw error;
    }
    return usage.answered(call, beganAtMs, answer);
  };
}
