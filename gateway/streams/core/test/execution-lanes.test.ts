import { createExecutionLanes, type Outcome } from "../execution-lanes";

const KEEP_MS = 1_000;

/** Lanes whose executions end when the test says so. */
function setUp({ keepMs = KEEP_MS } = {}) {
  let now = 0;
  let shared = 0;
  const lanes = createExecutionLanes<string>({
    keepMs,
    maxKeptBytes: 10_000,
    now: () => now,
    sizeOf: (value) => value.length,
    onShared: () => shared++,
  });
  const begun: { readonly name: string; end(isKept?: boolean): void }[] = [];
  const run = (name: string) => () =>
    new Promise<Outcome<string>>((resolve) => {
      begun.push({ name, end: (isKept = true) => resolve({ value: name, isKept }) });
    });
  const names = () => begun.map(({ name }) => name);
  return { lanes, begun, names, run, next: () => ++now, shared: () => shared };
}

/** Lets everything that is ready happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("who asks for what a running execution has seen waits for it; who asks for more waits for the next, all of them for one", async () => {
  const { lanes, begun, names, run, next, shared } = setUp();
  const first = lanes.present("lane", 0, run("a"));
  const same = lanes.present("lane", 0, run("b"));
  const later = lanes.present("lane", next(), run("c"));
  const latest = lanes.present("lane", next(), run("d"));
  expect(names()).toEqual(["a"]);
  begun[0]?.end();
  expect(await Promise.all([first, same])).toEqual(["a", "a"]);
  await settled();
  // The newest reason is the one that counts.
  expect(names()).toEqual(["a", "d"]);
  begun[1]?.end();
  expect(await Promise.all([later, latest])).toEqual(["d", "d"]);
  expect(shared()).toBe(2);
});

test("what has ended is given for a moment to whoever asks for nothing newer", async () => {
  const { lanes, begun, names, run, next } = setUp();
  const first = lanes.present("lane", 0, run("a"));
  begun[0]?.end();
  await first;
  await settled();
  expect(await lanes.present("lane", 0, run("b"))).toBe("a");
  const newer = lanes.present("lane", next(), run("c"));
  expect(names()).toEqual(["a", "c"]);
  begun[1]?.end();
  await newer;
  await settled();
  // Never back in time: who asked for less gets the newer one.
  expect(await lanes.present("lane", 0, run("d"))).toBe("c");
});

test("a failure is the answer of those who wait for it, and of nobody after them", async () => {
  const { lanes, begun, names, run } = setUp();
  const both = [lanes.present("lane", 0, run("a")), lanes.present("lane", 0, run("b"))];
  begun[0]?.end(false);
  expect(await Promise.all(both)).toEqual(["a", "a"]);
  await settled();
  void lanes.present("lane", 0, run("c"));
  expect(names()).toEqual(["a", "c"]);
});

test("events of one lane are executed once each, in the order in which they were asked for", async () => {
  const { lanes, begun, names, run } = setUp();
  const all = ["e1", "e2", "e1"].map((event) => lanes.ofEvent("lane", event, run(event)));
  expect(names()).toEqual(["e1"]);
  begun[0]?.end();
  await settled();
  expect(names()).toEqual(["e1", "e2"]);
  begun[1]?.end();
  expect(await Promise.all(all)).toEqual(["e1", "e2", "e1"]);
  expect(await lanes.ofEvent("lane", "e1", run("again"))).toBe("e1");
});

test("the present state waits for the events before it, and lanes do not wait for each other", async () => {
  const { lanes, begun, names, run } = setUp();
  void lanes.ofEvent("lane", "e1", run("e1"));
  const present = lanes.present("lane", 0, run("now"));
  void lanes.present("other", 0, run("other"));
  expect(names()).toEqual(["e1", "other"]);
  begun[0]?.end();
  await settled();
  expect(names()).toEqual(["e1", "other", "now"]);
  begun[2]?.end();
  expect(await present).toBe("now");
});
