import type { Clock } from "./clock";

/** Something that has messages for many. */
export interface FanOutJob {
  /**
   * Delivers to some.
   * @param limit how many deliveries to make at most
   * @returns whether nothing is left to deliver
   */
  deliverSome(limit: number): boolean;
}

/** How many deliveries one job makes before another has its turn. */
const TURN = 256;
/** How long deliveries may keep heartbeats and queries waiting. */
const SLICE_MS = 5;

/** Takes turns between those who have messages for many, and lets the event loop look after others in between. */
export function createFanOut(clock: Clock): (job: FanOutJob) => void {
  let jobs: FanOutJob[] = [];
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    clock.soon(run);
  };
  const run = () => {
    isScheduled = false;
    const until = clock.now() + SLICE_MS;
    let at = 0;
    // What is not done goes to the end of the same list.
    for (; at < jobs.length && clock.now() < until; at++) {
      const job = jobs[at];
      if (job && !job.deliverSome(TURN)) jobs.push(job);
    }
    jobs = jobs.slice(at);
    if (jobs.length > 0) schedule();
  };
  return (job) => {
    jobs.push(job);
    schedule();
  };
}
