/** What waits for the planner's thread. */
export interface PlanningQueue<Job> {
  /** @returns the job that there is no room for: the longest of all, which may be the new one */
  add(job: Job): Job | undefined;
  /** Takes out the job whose turn it is. */
  next(): Job | undefined;
  /** Takes out all of them. */
  empty(): readonly Job[];
}

/**
 * Turns alternate between the shortest operation and the one that has waited longest. So many long operations of one client keep the
 * short ones of others waiting for one turn each, and nothing waits for ever; where there is no room, the longest has to go.
 *
 * @param sizeOf roughly what planning a job takes
 */
export function createPlanningQueue<Job>(maxWaiting: number, sizeOf: (job: Job) => number): PlanningQueue<Job> {
  /** In the order of asking. */
  const waiting: Job[] = [];
  let isTurnOfShortest = true;

  const takeOut = (index: number): Job | undefined => waiting.splice(index, 1)[0];
  /** Of equal ones the first. */
  const indexOfBest = (isBetter: (size: number, than: number) => boolean): number =>
    waiting.reduce((best, job, i) => (isBetter(sizeOf(job), sizeOf(waiting[best] as Job)) ? i : best), 0);

  return {
    add: (job) => {
      waiting.push(job);
      return waiting.length > maxWaiting ? takeOut(indexOfBest((size, than) => size >= than)) : undefined;
    },
    next: () => {
      const index = isTurnOfShortest ? indexOfBest((size, than) => size < than) : 0;
      isTurnOfShortest = !isTurnOfShortest;
      return takeOut(index);
    },
    empty: () => waiting.splice(0),
  };
}
