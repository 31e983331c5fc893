import { createTurns, type TurnKind } from "../turns";

/** A loop whose time passes as the test says; tasks take none unless they say so. */
function createLoop() {
  const times = { idle: 0, active: 0 };
  let wake: (() => void) | undefined;
  const ran: string[] = [];
  const turns = createTurns({
    now: () => times.idle + times.active,
    loopTimes: () => ({ ...times }),
    later: (run) => {
      expect(wake).toBeUndefined();
      wake = run;
    },
  });
  return {
    ran,
    spend: (ms: number) => void (times.active += ms),
    take: (kind: TurnKind, name: string, costMs = 0) =>
      turns.take(kind, () => {
        ran.push(name);
        times.active += costMs;
      }),
    /** A pause goes by. @returns how many tasks ran behind it */
    pause: (spent: { idle: number; active: number }) => {
      const before = ran.length;
      times.idle += spent.idle;
      times.active += spent.active;
      const run = wake;
      wake = undefined;
      run?.();
      return ran.length - before;
    },
    get isResting() {
      return wake === undefined;
    },
  };
}

const IDLE = { idle: 1, active: 0 };
const BUSY = { idle: 0, active: 1 };

function flood(loop: ReturnType<typeof createLoop>, count: number, kind: TurnKind = "handshake") {
  for (let n = 0; n < count; n++) loop.take(kind, `${kind} ${n}`);
}

test("a few tasks run at once, and the others in order after a pause", () => {
  const loop = createLoop();
  flood(loop, 10);
  expect(loop.ran).toHaveLength(8);
  loop.pause(IDLE);
  expect(loop.ran).toEqual(Array.from({ length: 10 }, (_, n) => `handshake ${n}`));
});

test("without tasks there is no timer, and the next task runs at once", () => {
  const loop = createLoop();
  flood(loop, 20);
  while (!loop.isResting) loop.pause(IDLE);
  expect(loop.ran).toHaveLength(20);
  loop.take("request", "after");
  expect(loop.ran.at(-1)).toBe("after");
});

test("while the loop is idle between batches they grow, while it is not they shrink", () => {
  const loop = createLoop();
  flood(loop, 1_000);
  const idle = Array.from({ length: 5 }, () => loop.pause(IDLE));
  expect(idle).toEqual([3, 4, 5, 6, 7]);
  const busy = Array.from({ length: 8 }, () => loop.pause(BUSY));
  expect(busy).toEqual([6, 5, 4, 3, 2, 1, 1, 1]);
});

test("what a task causes after it has run makes batches smaller too", () => {
  const loop = createLoop();
  flood(loop, 1_000);
  expect(loop.pause(IDLE)).toBe(3);
  // Its promises, its frames.
  loop.spend(5);
  expect(loop.pause(IDLE)).toBe(2);
});

test("a batch ends when its tasks take long", () => {
  const loop = createLoop();
  for (let n = 0; n < 20; n++) loop.take("request", `${n}`, 5);
  expect(loop.pause(IDLE)).toBe(1);
  expect(loop.pause(IDLE)).toBe(1);
});

test("in a process that is never idle those who wait long advance all the same", () => {
  const loop = createLoop();
  flood(loop, 1_000);
  expect(loop.pause({ idle: 0, active: 100 })).toBeLessThan(4);
  expect(loop.pause({ idle: 0, active: 5_000 })).toBe(10);
});

test("a request over an open socket does not wait behind a flood of handshakes", () => {
  const loop = createLoop();
  flood(loop, 1_000);
  loop.take("request", "query");
  loop.pause(IDLE);
  expect(loop.ran[8]).toBe("query");
});

test("a flood of requests lets handshakes through: one to two requests", () => {
  const loop = createLoop();
  flood(loop, 100, "request");
  flood(loop, 100);
  loop.ran.length = 0;
  for (let n = 0; n < 4; n++) loop.pause(IDLE);
  const handshakes = loop.ran.filter((name) => name.startsWith("handshake")).length;
  expect(handshakes).toBe(Math.floor(loop.ran.length / 3));
});
