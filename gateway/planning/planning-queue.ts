/** What waits for the planner's thread. */
export interface PlanningQueue<Job> {
  /** @returns the job that there is no room for: the longest of all, which may be the new one */
  add(job: Job): Job | undefined;
  /** Takes out the job whose turn it is. */
  next(): Job | undefined;
  /** Takes out all of them. */
  empty(): readonly Job[];
}

interface Waiting<Job> {
  readonly job: Job;
  readonly timer: NodeJS.Timeout;
}

/**
 * Turns alternate between the shortest operation and the one that has waited longest. So many long operations of one client keep the
 * short ones of others waiting for one turn each; where there is no room, the longest has to go, and nothing waits longer than it may.
 *
 * @param options.sizeOf roughly what planning a job takes
 * @param options.onWaitedTooLong takes a job that has waited for `maxWaitMs`, and is not in the queue any more
 */
export function createPlanningQueue<Job>(options: {
  maxWaiting: number;
  maxWaitMs: number;
  sizeOf: (job: Job) => number;
  onWaitedTooLong: (job: Job) => void;
}): PlanningQueue<Job> {
  const { maxWaiting, maxWaitMs, sizeOf, onWaitedTooLong } = options;
  /** In the order of asking. */
  const waiting: Waiting<Job>[] = [];
  let isTurnOfShortest = true;

  const takeOut = (index: number): Job | undefined => {
    const taken = waiting.splice(index, 1)[0];
    clearTimeout(taken?.timer);
    return taken?.job;
  };
  /** Of equal ones the first. */
  const indexOfBest = (isBetter: (size: number, than: number) => boolean): number =>
    waiting.reduce(
      (best, { job }, i) => (isBetter(sizeOf(job), sizeOf((waiting[best] as Waiting<Job>).job)) ? i : best),
      0,
    );

  return {
    add: (job) => {
      const timer = setTimeout(() => {
        takeOut(waiting.findIndex((one) => one.timer === timer));
        onWaitedTooLong(job);
      }, maxWaitMs);
      waiting.push({ job, timer });
      return waiting.length > maxWaiting ? takeOut(indexOfBest((size, than) => size >= than)) : undefined;
    },
    next: () => {
      const index = isTurnOfShortest ? indexOfBest((size, than) => size < than) : 0;
      isTurnOfShortest = !isTurnOfShortest;
      return takeOut(index);
    },
    empty: () =>
      waiting.splice(0).map(({ job, timer }) => {
        clearTimeout(timer);
        return job;
      }),
  };
}
