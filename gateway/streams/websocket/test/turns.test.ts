import { createTurns } from "../turns";

const turn = () => new Promise((resolve) => setImmediate(resolve));
/** A clock that stands still: tasks take no time. */
const still = () => 0;

test("a few tasks run at once", () => {
  const turns = createTurns(still);
  const ran: number[] = [];
  for (let n = 0; n < 2; n++) turns.take(() => void ran.push(n));
  expect(ran).toEqual([0, 1]);
});

test("a flood runs in order, and others have their turn in between", async () => {
  const turns = createTurns(still);
  const ran: number[] = [];
  const seen: number[] = [];
  for (let n = 0; n < 10; n++) turns.take(() => void ran.push(n));
  while (ran.length < 10) {
    seen.push(ran.length);
    await turn();
  }
  expect(ran).toEqual(Array.from({ length: 10 }, (_, n) => n));
  expect(seen).toEqual([2, 4, 6, 8]);
});

test("what comes during a flood waits behind it, and at once again after it", async () => {
  const turns = createTurns(still);
  const ran: string[] = [];
  for (let n = 0; n < 3; n++) turns.take(() => void ran.push("flood"));
  turns.take(() => void ran.push("late"));
  expect(ran).toHaveLength(2);
  await turn();
  expect(ran.at(-1)).toBe("late");
  await turn();
  turns.take(() => void ran.push("after"));
  expect(ran.at(-1)).toBe("after");
});

test("after a task that took long the others wait for the next turn", async () => {
  let nowMs = 0;
  const turns = createTurns(() => nowMs);
  const ran: string[] = [];
  turns.take(() => {
    ran.push("long");
    nowMs += 5;
  });
  turns.take(() => void ran.push("short"));
  expect(ran).toEqual(["long"]);
  await turn();
  expect(ran).toEqual(["long", "short"]);
});

test("while connections arrive a turn begins one task", async () => {
  const turns = createTurns(still);
  const ran: number[] = [];
  turns.arrived();
  for (let n = 0; n < 4; n++) turns.take(() => void ran.push(n));
  expect(ran).toEqual([0]);
  turns.arrived();
  await turn();
  expect(ran).toEqual([0, 1]);
  await turn();
  expect(ran).toEqual([0, 1, 2, 3]);
});

test("the young are collected between turns, for connections and for tasks", async () => {
  let counted = 0;
  const countedAtCollections: number[] = [];
  const turns = createTurns(still, {
    count: () => void counted++,
    collectSome: () => void countedAtCollections.push(counted),
  });
  turns.arrived();
  turns.take(() => undefined);
  turns.take(() => undefined);
  expect([counted, countedAtCollections]).toEqual([2, []]);
  await turn();
  expect(countedAtCollections).toEqual([2]);
  await turn();
  expect([counted, countedAtCollections]).toEqual([3, [2, 3]]);
});
