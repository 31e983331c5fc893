import { createTurns } from "../turns";

const turn = () => new Promise((resolve) => setImmediate(resolve));
test("a task that nobody is before runs at once", () => {
  const ran: string[] = [];
  createTurns().take(() => void ran.push("only"));
  expect(ran).toEqual(["only"]);
});

test("a flood runs in order, and others have their turn in between", async () => {
  const turns = createTurns();
  const ran: number[] = [];
  const seen: number[] = [];
  for (let n = 0; n < 10; n++) turns.take(() => void ran.push(n));
  while (ran.length < 10) {
    seen.push(ran.length);
    await turn();
  }
  expect(ran).toEqual(Array.from({ length: 10 }, (_, n) => n));
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("what comes during a flood waits behind it, and at once again after it", async () => {
  const turns = createTurns();
  const ran: string[] = [];
  for (let n = 0; n < 3; n++) turns.take(() => void ran.push("flood"));
  turns.take(() => void ran.push("late"));
  expect(ran).toEqual(["flood"]);
  for (let n = 0; n < 3; n++) await turn();
  expect(ran).toEqual(["flood", "flood", "flood", "late"]);
  await turn();
  turns.take(() => void ran.push("after"));
  expect(ran.at(-1)).toBe("after");
});

test("the young are collected between turns, for connections and for tasks", async () => {
  let counted = 0;
  const countedAtCollections: number[] = [];
  const turns = createTurns({
    count: () => void counted++,
    collectSome: () => void countedAtCollections.push(counted),
  });
  turns.arrived();
  turns.take(() => undefined);
  turns.take(() => undefined);
  expect([counted, countedAtCollections]).toEqual([2, []]);
  await turn();
  expect([counted, countedAtCollections]).toEqual([3, [2]]);
  await turn();
  expect(countedAtCollections).toEqual([2, 3]);
});
