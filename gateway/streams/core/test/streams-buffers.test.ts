import type { EventBuffer } from "../../event-field";
import { createCore, EACH, thingsField } from "./fakes/core-harness";
import { RecordingSink } from "./fakes/recording-sink";

/** A reader who takes one message and then no more, and one who reads everything. */
async function slowAndQuick(core: ReturnType<typeof createCore>, buffer: Partial<EventBuffer>) {
  const wish = { field: thingsField({ buffer: { ...EACH, ...buffer } }), args: { of: "a" } };
  const sink = new RecordingSink();
  sink.room = 1;
  const slow = await core.begun(wish, sink);
  const quick = await core.begun(wish);
  return { slow, quick };
}

const drain = ({ sink, subscription }: { sink: RecordingSink; subscription: { drained(): void } }) => {
  sink.room = Infinity;
  subscription.drained();
};

test("LATEST keeps the newest state of each entity, in the order of the log", async () => {
  const core = createCore();
  const { slow, quick } = await slowAndQuick(core, { policy: "LATEST", maxMessages: 10 });
  const ids: string[] = [];
  for (const id of ["x", "x", "y", "x", "z", "y"]) {
    ids.push(core.change("a", id));
    await core.clock.settle();
  }
  expect(slow.sink.events).toEqual([ids[0]]);
  drain(slow);
  expect(slow.sink.events).toEqual([ids[0], ids[3], ids[4], ids[5]]);
  expect(slow.sink.received.every(({ extensions }) => extensions?.dropped === undefined)).toBe(true);
  expect(quick.sink.events).toEqual(ids);
});

test("LATEST tells how many entities it lost when more of them changed than may wait", async () => {
  const core = createCore();
  const { slow } = await slowAndQuick(core, { policy: "LATEST", maxMessages: 2 });
  for (const id of ["first", "x", "y", "z"]) {
    core.change("a", id);
    await core.clock.settle();
  }
  drain(slow);
  expect(slow.sink.received.map(({ data, extensions }) => [data?.key, extensions?.dropped])).toEqual([
    ["first", undefined],
    ["y", 1],
    ["z", undefined],
  ]);
});

test("DROP_OLDEST loses the oldest and tells how many, once", async () => {
  const core = createCore();
  const { slow, quick } = await slowAndQuick(core, { policy: "DROP_OLDEST", maxMessages: 2 });
  const ids: string[] = [];
  for (let i = 0; i < 6; i++) {
    ids.push(core.change("a", i));
    await core.clock.settle();
  }
  drain(slow);
  expect(slow.sink.events).toEqual([ids[0], ids[4], ids[5]]);
  expect(slow.sink.received.map(({ extensions }) => extensions?.dropped)).toEqual([undefined, 3, undefined]);
  expect(quick.sink.received.every(({ extensions }) => extensions?.dropped === undefined)).toBe(true);
  expect(await core.metric("gateway_stream_lost_total", { why: "dropped", policy: "DROP_OLDEST" })).toBe(3);
});

test("CLOSE ends a slow reader with a typed error and the cursor to go on from", async () => {
  const core = createCore();
  const { slow, quick } = await slowAndQuick(core, { policy: "CLOSE", maxMessages: 2 });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    ids.push(core.change("a", i));
    await core.clock.settle();
  }
  expect(slow.sink.code).toBe("SUBSCRIPTION_SLOW_CONSUMER");
  const errors = slow.sink.ending?.kind === "error" ? slow.sink.ending.errors : [];
  const cursor = errors[0]?.extensions["cursor"] as string;
  expect(cursor).toBe(slow.sink.cursor);
  expect(quick.sink.events).toEqual(ids);
  const again = await core.begun({ field: thingsField(), args: { of: "a" }, cursor });
  expect(again.sink.events).toEqual(ids.slice(1));
});

test("what waits is bounded by bytes too, and a single message that is larger than the bound is delivered", async () => {
  const core = createCore();
  const { slow } = await slowAndQuick(core, { policy: "DROP_OLDEST", maxMessages: 1_000, maxBytes: 10 });
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    ids.push(core.change("a", i));
    await core.clock.settle();
  }
  drain(slow);
  expect(slow.sink.events).toEqual([ids[0], ids[3]]);
});

test("a reader that never reads costs the others nothing: not their messages, not their order", async () => {
  const core = createCore();
  const { slow, quick } = await slowAndQuick(core, { policy: "LATEST", maxMessages: 5 });
  const ids: string[] = [];
  for (let i = 0; i < 500; i++) {
    ids.push(core.change("a", i));
    if (i % 7 === 0) await core.clock.settle();
  }
  await core.clock.settle();
  expect(slow.sink.events).toHaveLength(1);
  expect(quick.sink.events).toEqual(ids);
});

test("a reader that stops and goes on gets everything that fits, once and in order", async () => {
  const core = createCore();
  const { slow } = await slowAndQuick(core, {});
  const ids = Array.from({ length: 20 }, (_, i) => core.change("a", i));
  await core.clock.settle();
  for (let i = 0; i < 19; i++) {
    slow.sink.room = 1;
    slow.subscription.drained();
  }
  expect(slow.sink.events).toEqual(ids);
});

test.each([
  ["LATEST", 3],
  ["DROP_OLDEST", 3],
] as const)("a backlog before execution is bounded as well: %s tells what it gave up", async (policy, maxMessages) => {
  const core = createCore();
  const { quick } = await slowAndQuick(core, { policy, maxMessages });
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  core.world.gate = () => held;
  const ids = Array.from({ length: 100 }, (_, i) => core.change("a", i));
  release();
  await core.clock.settle();
  const { events, received } = quick.sink;
  expect(events.slice(-maxMessages)).toEqual(ids.slice(-maxMessages));
  const dropped = received.reduce((sum, { extensions }) => sum + (extensions?.dropped ?? 0), 0);
  expect(events.length + dropped).toBe(ids.length);
});

test("of changes of one entity that wait for their execution LATEST executes the newest only", async () => {
  const core = createCore();
  const { quick } = await slowAndQuick(core, { policy: "LATEST" });
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  core.world.gate = () => held;
  const ids = Array.from({ length: 1_000 }, () => core.change("a", "x"));
  release();
  await core.clock.settle();
  expect(core.executions.length).toBeLessThan(50);
  expect(quick.sink.events.at(-1)).toBe(ids.at(-1));
});

test("CLOSE ends everyone of a group whose executions cannot keep up", async () => {
  const core = createCore();
  const { quick } = await slowAndQuick(core, { policy: "CLOSE", maxMessages: 3 });
  core.world.gate = () => new Promise(() => undefined);
  for (let i = 0; i < 100; i++) core.change("a", i);
  expect(quick.sink.code).toBe("SUBSCRIPTION_SLOW_CONSUMER");
  expect(await core.metric("gateway_subscription_groups")).toBe(0);
});
