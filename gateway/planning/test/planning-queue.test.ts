import { createPlanningQueue } from "../planning-queue";

const queueOf = (maxWaiting: number, ...jobs: readonly string[]) => {
  const queue = createPlanningQueue<string>(maxWaiting, (job) => job.length);
  return { queue, refused: jobs.map((job) => queue.add(job)) };
};

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
});
