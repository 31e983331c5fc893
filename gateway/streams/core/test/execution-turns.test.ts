import { createExecutionTurns, type ExecutionTurns, type Starter } from "../execution-turns";

const IN_TURN = 100;

/** Turns of the event loop that the test takes. */
function setUp(limit: number) {
  let soon: (() => void)[] = [];
  const turns = createExecutionTurns({ soon: (run) => void soon.push(run) }, limit);
  const turn = () => {
    const due = soon;
    soon = [];
    due.forEach((run) => run());
  };
  return { turns, turn };
}

/** Has so many executions to begin, and says when. */
const starter = (turns: ExecutionTurns, name: string, count: number, began: string[]): Starter => ({
  startOne: () => {
    began.push(name);
    turns.begun();
    return --count > 0;
  },
});

test("a few begin at once", () => {
  const { turns } = setUp(1_000);
  const began: string[] = [];
  turns.take(starter(turns, "a", 3, began));
  expect(began).toEqual(["a", "a", "a"]);
});

test("of many only some begin in a turn, and the others in the order of their coming", () => {
  const { turns, turn } = setUp(1_000);
  const began: string[] = [];
  const names = Array.from({ length: 250 }, (_, n) => `s${n}`);
  for (const name of names) turns.take(starter(turns, name, 1, began));
  expect(began).toHaveLength(IN_TURN);
  turn();
  expect(began).toHaveLength(2 * IN_TURN);
  turn();
  expect(began).toEqual(names);
});

test("those who have much to begin take turns", () => {
  const { turns, turn } = setUp(1_000);
  const began: string[] = [];
  turns.take(starter(turns, "first", IN_TURN, []));
  turns.take(starter(turns, "a", 3, began));
  turns.take(starter(turns, "b", 3, began));
  turn();
  expect(began.join("")).toBe("ababab");
});

test("no more run at the same time than may, and who waits begins when others have ended", () => {
  const { turns, turn } = setUp(2);
  const began: string[] = [];
  for (const name of ["a", "b", "c", "d"]) turns.take(starter(turns, name, 1, began));
  turn();
  expect(began).toEqual(["a", "b"]);
  turns.ended();
  turn();
  expect(began).toEqual(["a", "b", "c"]);
  turns.ended();
  turns.ended();
  turn();
  expect(began).toEqual(["a", "b", "c", "d"]);
});

test("a starter that has nothing any more takes nobody's place", () => {
  const { turns, turn } = setUp(1);
  const began: string[] = [];
  turns.take(starter(turns, "a", 1, began));
  turns.take({ startOne: () => false });
  turns.take(starter(turns, "b", 1, began));
  turns.ended();
  turn();
  expect(began).toEqual(["a", "b"]);
});
