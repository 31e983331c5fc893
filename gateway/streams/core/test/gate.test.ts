import { createGate } from "../gate";

function setUp(inTurn: number) {
  let soon: (() => void)[] = [];
  const enter = createGate({ soon: (run) => void soon.push(run) }, inTurn);
  const entered: number[] = [];
  const come = (n: number) => void enter().then(() => entered.push(n));
  /** One turn of the event loop. */
  const turn = async () => {
    const due = soon;
    soon = [];
    due.forEach((run) => run());
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { come, entered, turn, waits: () => soon.length > 0 };
}

test("a crowd goes through in order, some in each turn", async () => {
  const { come, entered, turn, waits } = setUp(2);
  for (let n = 0; n < 5; n++) come(n);
  expect(entered).toEqual([]);
  await turn();
  expect(entered).toEqual([0, 1]);
  await turn();
  await turn();
  expect(entered).toEqual([0, 1, 2, 3, 4]);
  expect(waits()).toBe(false);
});

test("who comes while others wait goes behind them, and who comes later waits for one turn", async () => {
  const { come, entered, turn } = setUp(2);
  for (let n = 0; n < 3; n++) come(n);
  await turn();
  come(3);
  await turn();
  expect(entered).toEqual([0, 1, 2, 3]);
  come(4);
  expect(entered).toHaveLength(4);
  await turn();
  expect(entered).toEqual([0, 1, 2, 3, 4]);
});
