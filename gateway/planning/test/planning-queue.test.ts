import { createPlanningQueue } from "../planning-queue";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function queueOf(maxWaiting: number, ...jobs: readonly string[]) {
  const late: string[] = [];
  const queue = createPlanningQueue<string>({
    maxWaiting,
    maxWaitMs: 100,
    sizeOf: (job) => job.length,
    onWaitedTooLong: (job) => late.push(job),
  });
  return { queue, refused: jobs.map((job) => queue.add(job)), late };
}

describe("the planner's queue", () => {
  it("alternates between the shortest operation and the one that has waited longest", () => {
    const { queue } = queueOf(10, "aaaaaa", "bbbbb", "c", "dd", "eeee");
    const order = Array.from({ length: 6 }, () => queue.next());
    expect(order).toEqual(["c", "aaaaaa", "dd", "bbbbb", "eeee", undefined]);
  });

  it("has room for so many, and then refuses the longest of all", () => {
    const { queue, refused } = queueOf(2, "aaaa", "bb", "c", "ddddddd");
    expect(refused).toEqual([undefined, undefined, "aaaa", "ddddddd"]);
    expect(queue.empty()).toEqual(["bb", "c"]);
    expect(queue.next()).toBeUndefined();
  });

  it("refuses the newcomer among equals", () => {
    const { queue, refused } = queueOf(1, "a", "b");
    expect([refused, queue.next()]).toEqual([[undefined, "b"], "a"]);
  });

  it("lets nothing wait longer than it may", () => {
    const { queue, late } = queueOf(10, "a", "b");
    jest.advanceTimersByTime(60);
    queue.add("c");
    jest.advanceTimersByTime(39);
    expect(late).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(late).toEqual(["a", "b"]);
    expect([queue.next(), queue.next()]).toEqual(["c", undefined]);
  });

  it("counts the time of each job alone, also of equal ones", () => {
    const { queue, late } = queueOf(10, "a");
    jest.advanceTimersByTime(60);
    queue.add("a");
    jest.advanceTimersByTime(40);
    expect([late, queue.next(), queue.next()]).toEqual([["a"], "a", undefined]);
  });

  it("forgets the time of what left it in another way", () => {
    const { queue, late } = queueOf(2, "aaa", "b", "cc");
    queue.next();
    queue.empty();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(200);
    expect(late).toEqual([]);
  });
});
