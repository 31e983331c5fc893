import { PerformanceObserver, constants } from "node:perf_hooks";
import { createYoungCollector } from "../young-collector";

const DOSE = 100;

function setUp() {
  const world = { nowMs: 0, collections: 0 };
  const young = createYoungCollector(
    () => void world.collections++,
    () => world.nowMs,
  );
  const count = (times: number) => {
    for (let n = 0; n < times; n++) young.count();
  };
  return { world, young, count };
}

test("in a flood it collects after every so many", () => {
  const { world, young, count } = setUp();
  count(DOSE - 1);
  young.collectSome(false);
  expect(world.collections).toBe(0);
  count(1);
  young.collectSome(false);
  young.collectSome(false);
  expect(world.collections).toBe(1);
  count(DOSE);
  young.collectSome(false);
  expect(world.collections).toBe(2);
});

test("whoever is being answered does not wait for it, as long as no more than a few doses have come", () => {
  const { world, young, count } = setUp();
  count(3 * DOSE - 1);
  young.collectSome(true);
  expect(world.collections).toBe(0);
  count(1);
  young.collectSome(true);
  expect(world.collections).toBe(1);
  count(3 * DOSE - 1);
  young.collectSome(false);
  expect(world.collections).toBe(2);
});

test("what comes slowly is left to the engine", () => {
  const { world, young, count } = setUp();
  for (let n = 0; n < 5 * DOSE; n++) {
    count(1);
    world.nowMs += 100;
    young.collectSome(false);
  }
  expect(world.collections).toBe(0);
});

test("it collects the young generation, not the whole heap", async () => {
  const kinds: unknown[] = [];
  const seen = new Promise<void>((resolve) => {
    const observer = new PerformanceObserver((list) => {
      kinds.push(...list.getEntries().map(({ detail }) => (detail as { kind: number }).kind));
      observer.disconnect();
      resolve();
    });
    observer.observe({ entryTypes: ["gc"] });
  });
  const young = createYoungCollector();
  for (let n = 0; n < DOSE; n++) young.count();
  young.collectSome(false);
  await seen;
  expect(kinds).toContain(constants.NODE_PERFORMANCE_GC_MINOR);
  expect(kinds).not.toContain(constants.NODE_PERFORMANCE_GC_MAJOR);
});
