import { createLatestQueue } from "../latest-queue";

const never = () => {
  throw new Error("nothing should be dropped");
};

test("gives waiting entities in the order in which they first came, each with its latest value", async () => {
  const queue = createLatestQueue<string>(10, never);
  queue.push("a", "a1");
  queue.push("b", "b1");
  queue.push("a", "a2");
  queue.end();
  const values: string[] = [];
  for await (const value of queue) values.push(value);
  expect(values).toEqual(["a2", "b1"]);
});

test("wakes a reader who waits", async () => {
  const queue = createLatestQueue<string>(10, never);
  const next = queue.next();
  queue.push("a", "a1");
  expect(await next).toEqual({ value: "a1", done: false });
});

test("keeps no more entities than its limit: the oldest goes, and is counted", async () => {
  let dropped = 0;
  const queue = createLatestQueue<number>(2, () => dropped++);
  for (let n = 0; n < 1_000; n++) queue.push(n, n);
  expect(dropped).toBe(998);
  expect([await queue.next(), await queue.next()].map(({ value }) => value as number)).toEqual([998, 999]);
});

test("a reader who leaves ends at once, also while waiting, and what comes later is nobody's", async () => {
  const queue = createLatestQueue<string>(10, never);
  const waiting = queue.next();
  await queue.return?.();
  queue.push("a", "a1");
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(await queue.next()).toEqual({ value: undefined, done: true });
});

test("a failure reaches the reader once, then the queue is at its end", async () => {
  const queue = createLatestQueue<string>(10, never);
  queue.push("a", "a1");
  queue.fail(new Error("expired"));
  await expect(queue.next()).rejects.toThrow("expired");
  expect(await queue.next()).toEqual({ value: undefined, done: true });
});
