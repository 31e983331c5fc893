import { createPace } from "../pace";

/** A flood, while somebody asks all the time unless told otherwise. @param options.workMs of each client and its two steps, of all alike when it is a number */
function flood({
  clients,
  workMs,
  asks = true,
}: {
  clients: number;
  workMs: number | ((n: number) => number);
  asks?: boolean;
}) {
  const world = { nowMs: 0, restedMs: 0, longestMs: 0, lastRestMs: 0, busiestMs: 0 };
  const pace = createPace(() => world.nowMs);
  if (asks) pace.asked();
  pace.start();
  let nextAskMs = 500;
  for (let left = clients; left > 0; left--) {
    pace.count();
    pace.count();
    // Answered a while ago.
    if (asks && world.nowMs > nextAskMs) {
      pace.asked();
      nextAskMs = world.nowMs + 500;
    }
    world.nowMs += typeof workMs === "number" ? workMs : workMs(clients - left);
    const restMs = pace.restMs(2 * left);
    world.busiestMs = Math.max(world.busiestMs, world.nowMs - world.lastRestMs);
    if (restMs === 0) continue;
    world.nowMs += restMs;
    world.restedMs += restMs;
    world.longestMs = Math.max(world.longestMs, restMs);
    pace.rested();
    world.lastRestMs = world.nowMs;
  }
  const { nowMs: tookMs, restedMs, longestMs, busiestMs } = world;
  return { tookMs, restedMs, longestMs, busiestMs };
}

test("a small flood rests five times as long as it works, in short pauses", () => {
  const { tookMs, restedMs, longestMs } = flood({ clients: 1_000, workMs: 0.5 });
  expect(restedMs).toBe(2_500);
  expect(tookMs).toBe(3_000);
  expect(longestMs).toBe(3);
});

test("a larger one is spread over the time that whoever comes back may wait", () => {
  const { tookMs } = flood({ clients: 10_000, workMs: 0.5 });
  expect(tookMs).toBeGreaterThan(7_900);
  expect(tookMs).toBeLessThan(8_100);
});

test("one that takes the processor longer than that rests in its first three seconds only", () => {
  const { tookMs, restedMs } = flood({ clients: 10_000, workMs: 1 });
  expect(restedMs).toBe(2_001);
  expect(tookMs).toBe(12_001);
});

test("what the first clients cost is not expected of the others", () => {
  const workedMs = 300 * 2 + 9_700 * 0.25;
  const { tookMs, restedMs } = flood({ clients: 10_000, workMs: (n) => (n < 300 ? 2 : 0.25) });
  expect(tookMs).toBeGreaterThan(7_800);
  expect(tookMs).toBeLessThan(8_100);
  expect(restedMs).toBeCloseTo(tookMs - workedMs, 0);
});

test("a flood that fits into its time never works for long without a rest, although its first clients cost ten times as much", () => {
  const { tookMs, busiestMs } = flood({ clients: 10_000, workMs: (n) => (n < 500 ? 2 : 0.2) });
  expect(tookMs).toBeLessThan(8_100);
  expect(busiestMs).toBeLessThan(10);
});

test("while nobody asks for anything else it does not rest", () => {
  expect(flood({ clients: 1_000, workMs: 0.5, asks: false }).restedMs).toBe(0);
});

test("it rests for a second after the last question", () => {
  const world = { nowMs: 0 };
  const pace = createPace(() => world.nowMs);
  pace.asked();
  world.nowMs = 990;
  pace.start();
  pace.count();
  world.nowMs = 1_000;
  expect(pace.restMs(1)).toBeGreaterThan(0);
  world.nowMs = 1_001;
  expect(pace.restMs(1)).toBe(0);
});

test("who has asked just now has the event loop alone, before the flood owes it", () => {
  const world = { nowMs: 0 };
  const pace = createPace(() => world.nowMs);
  pace.asked();
  expect(pace.isAnswering).toBe(true);
  pace.start();
  pace.count();
  world.nowMs = 0.1;
  expect(pace.restMs(10)).toBe(2);
  world.nowMs = 2.1;
  expect(pace.isAnswering).toBe(false);
  pace.rested();
  world.nowMs = 2.9;
  expect(pace.restMs(10)).toBe(0);
});

test("questions without a pause do not stop the flood", () => {
  const world = { nowMs: 0 };
  const pace = createPace(() => world.nowMs);
  pace.start();
  let rests = 0;
  for (let turns = 0; turns < 20; turns++) {
    pace.asked();
    const restMs = pace.restMs(10);
    world.nowMs += restMs;
    if (restMs > 0) rests++;
    pace.rested();
  }
  expect(rests).toBe(10);
});

test("a pause that was longer than asked for is made up for", () => {
  const world = { nowMs: 0 };
  const pace = createPace(() => world.nowMs);
  pace.asked();
  world.nowMs = 10;
  pace.start();
  pace.count();
  world.nowMs += 1;
  expect(pace.restMs(10)).toBe(5);
  world.nowMs += 8;
  pace.rested();
  world.nowMs += 1;
  expect(pace.restMs(10)).toBe(0);
  world.nowMs += 2;
  expect(pace.restMs(10)).toBe(3);
});
