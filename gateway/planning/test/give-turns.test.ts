import { beginTurn, giveTurn } from "../give-turns";

let nowMs = 0;
let isMainThread = false;
jest.mock("node:worker_threads", () => ({
  get isMainThread() {
    return isMainThread;
  },
}));
const sleep = jest.spyOn(Atomics, "wait");

beforeEach(() => {
  nowMs = 1_000;
  isMainThread = false;
  sleep.mockReset().mockReturnValue("timed-out");
  jest.spyOn(performance, "now").mockImplementation(() => nowMs);
  beginTurn();
});
afterAll(() => jest.restoreAllMocks());

it("a thread computes for a quarter of a millisecond before it lets others run", () => {
  nowMs += 0.2;
  giveTurn();
  expect(sleep).not.toHaveBeenCalled();
  nowMs += 0.1;
  giveTurn();
  expect(sleep).toHaveBeenCalledTimes(1);
});

it("its next turn begins when it wakes up", () => {
  sleep.mockImplementation(() => {
    nowMs += 50;
    return "timed-out";
  });
  nowMs += 1;
  giveTurn();
  giveTurn();
  expect(sleep).toHaveBeenCalledTimes(1);
});

it("time in which it had nothing to compute is not its turn", () => {
  nowMs += 60_000;
  beginTurn();
  giveTurn();
  expect(sleep).not.toHaveBeenCalled();
});

it("the main thread never sleeps", () => {
  isMainThread = true;
  nowMs += 60_000;
  giveTurn();
  expect(sleep).not.toHaveBeenCalled();
});
