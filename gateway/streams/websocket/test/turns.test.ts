import type { Pace } from "../pace";
import { createTurns } from "../turns";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a task that nobody is before runs at once", () => {
  const ran: string[] = [];
  createTurns().take("operation", () => void ran.push("only"));
  expect(ran).toEqual(["only"]);
});

test("a flood runs in order, and others have their turn in between", async () => {
  const turns = createTurns();
  const ran: number[] = [];
  const seen: number[] = [];
  for (let n = 0; n < 10; n++) turns.take("operation", () => void ran.push(n));
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
  for (let n = 0; n < 3; n++) turns.take("operation", () => void ran.push("flood"));
  turns.take("operation", () => void ran.push("late"));
  expect(ran).toEqual(["flood"]);
  for (let n = 0; n < 3; n++) await turn();
  expect(ran).toEqual(["flood", "flood", "flood", "late"]);
  await turn();
  turns.take("operation", () => void ran.push("after"));
  expect(ran.at(-1)).toBe("after");
});

test("who has a connection gets its operation before others get connections", async () => {
  const turns = createTurns();
  const ran: string[] = [];
  turns.take("handshake", () => void ran.push("first"));
  turns.take("handshake", () => void ran.push("second"));
  turns.take("handshake", () => void ran.push("third"));
  turns.take("operation", () => void ran.push("of the first"));
  for (let n = 0; n < 3; n++) await turn();
  expect(ran).toEqual(["first", "of the first", "second", "third"]);
});

test("between two of a flood it rests as long as its pace says, and nothing begins meanwhile", async () => {
  const rests = [0, 5, 0];
  const said: string[] = [];
  const pace: Pace = {
    asked: () => undefined,
    isAnswering: false,
    start: () => void said.push("start"),
    count: () => undefined,
    restMs: (left) => {
      said.push(`${left} left`);
      return rests.shift() ?? 0;
    },
    rested: () => void said.push("rested"),
  };
  const turns = createTurns({ pace });
  let onLast: (() => void) | undefined;
  const last = new Promise<void>((resolve) => (onLast = resolve));
  for (const name of ["a", "b", "c"]) turns.take("handshake", () => void said.push(name));
  await turn();
  turns.take("handshake", () => {
    said.push("d");
    onLast?.();
  });
  await last;
  expect(said).toEqual(["a", "start", "4 left", "b", "4 left", "rested", "4 left", "c", "2 left", "d"]);
});

test("the young are collected between turns, for connections and for tasks", async () => {
  let counted = 0;
  const countedAtCollections: number[] = [];
  const turns = createTurns({
    young: {
      count: () => void counted++,
      collectSome: () => void countedAtCollections.push(counted),
    },
  });
  turns.arrived();
  turns.take("handshake", () => undefined);
  turns.take("handshake", () => undefined);
  expect([counted, countedAtCollections]).toEqual([2, []]);
  await turn();
  expect([counted, countedAtCollections]).toEqual([3, [2]]);
  await turn();
  expect(countedAtCollections).toEqual([2, 3]);
});
