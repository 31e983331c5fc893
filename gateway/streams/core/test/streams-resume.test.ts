import { createCursorCodec } from "../cursor";
import { createLogger } from "../../../../kit/log";
import { createCore, EACH, thingField, thingsField } from "./fakes/core-harness";
import { RecordingSink } from "./fakes/recording-sink";

const told = ({ sink }: { sink: RecordingSink }) => sink.received.map(({ extensions }) => extensions?.recovered);

/** A subscriber who got one event and left, and what happened since. */
async function interrupted(core: ReturnType<typeof createCore>, wish: object = { args: { of: "a" } }) {
  const first = await core.begun(wish);
  core.change("a");
  await core.clock.settle();
  first.subscription.leave();
  return { cursor: first.sink.cursor ?? "" };
}

test("whoever comes back gets exactly what was missed, in order, then what comes; the first message says so", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  const missed = [core.change("a", 1), core.change("a", 2), core.change("a", 1)];
  core.change("other");
  const again = await core.begun({ args: { of: "a" }, cursor });
  const live = core.change("a", 3);
  await core.clock.settle();
  expect(again.sink.events).toEqual([...missed, live]);
  expect(told(again)).toEqual([true, undefined, undefined, undefined]);
  expect(await core.metric("gateway_stream_replays_total", { outcome: "recovered" })).toBe(1);
  expect(await core.metric("gateway_stream_replayed_events_total")).toBe(3);
});

test("events that happen while the missed ones are read come behind them, once", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  const missed = [core.change("a", 1), core.change("a", 2)];
  core.events.holdReplays(true);
  const again = await core.begun({ args: { of: "a" }, cursor });
  const live = [core.change("a", 3), core.change("a", 4)];
  await core.clock.settle();
  expect(again.sink.events).toEqual([]);
  core.events.holdReplays(false);
  await core.clock.settle();
  expect(again.sink.events).toEqual([...missed, ...live]);
});

test("when nothing was missed the log is not asked, and the next message tells that nothing is missing", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  const again = await core.begun({ args: { of: "a" }, cursor });
  expect(again.sink.received).toEqual([]);
  const live = core.change("a", 1);
  await core.clock.settle();
  expect(again.sink.events).toEqual([live]);
  expect(told(again)).toEqual([true]);
  expect(core.events.replays).toBe(0);
});

test("each missed event is one message, whatever the field merges when it is live", async () => {
  const core = createCore();
  const wish = {
    field: thingsField({ buffer: { ...EACH, policy: "LATEST", coalesceMs: 50 } }),
    args: { of: "a" },
  };
  const first = await core.begun(wish);
  core.change("a", "x");
  await core.clock.pass(50);
  first.subscription.leave();
  const missed = [core.change("a", "x"), core.change("a", "x"), core.change("a", "x")];
  const again = await core.begun({ ...wish, cursor: first.sink.cursor });
  expect(again.sink.events).toEqual(missed);
});

test("every message's cursor goes on behind that message, also those of a replay", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  const missed = [core.change("a", 1), core.change("a", 2), core.change("a", 3)];
  const again = await core.begun({ args: { of: "a" }, cursor });
  const third = await core.begun({ args: { of: "a" }, cursor: again.sink.messages[1]?.cursor });
  expect(third.sink.events).toEqual(missed.slice(2));
});

test("with a cursor a subscription to one entity begins with what was missed instead of its state", async () => {
  const core = createCore();
  const wish = { field: thingField(), args: { id: "a" } };
  const first = await core.begun(wish);
  core.change("a");
  await core.clock.settle();
  first.subscription.leave();
  const missed = core.change("a");
  const again = await core.begun({ ...wish, cursor: first.sink.cursor });
  expect(again.sink.received).toMatchObject([{ data: { event: missed }, extensions: { recovered: true } }]);
});

test("missed events are executed as the viewer who comes back, with the rights of now", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  core.change("a", "secret");
  const open = core.change("a", "open");
  core.world.canSee = (_viewer, key) => key !== "secret";
  const again = await core.begun({ args: { of: "a" }, cursor });
  expect(again.sink.events).toEqual([open]);
  expect(told(again)).toEqual([true]);
});

test.each([
  ["rubbish", "not a cursor"],
  ["nothing", ""],
  ["one of a platform with another secret", forged()],
])("a cursor that is %s is refused with a typed error", async (_what, cursor) => {
  const core = createCore();
  expect(await core.refused({ args: { of: "a" }, cursor })).toBe("SUBSCRIPTION_INVALID_CURSOR");
  expect(await core.metric("gateway_subscriptions")).toBe(0);
});

function forged(): string {
  const log = createLogger("test", "silent");
  return createCursorCodec({ secrets: ["another secret, long enough"], log }).encode({ offset: 0, id: "x" });
}

describe("what cannot be recovered is told at once, never skipped", () => {
  const impossible: [string, (core: ReturnType<typeof createCore>) => Promise<void> | void][] = [
    ["deleted by retention", ({ events }) => events.retain(1)],
    ["of a log that was made anew", ({ events, change }) => (events.loseEverything(), void change("a", "new"))],
    ["gone, and the new log is still empty", ({ events }) => events.loseEverything()],
    ["older than the field allows", ({ clock }) => clock.pass(3_600_001)],
  ];
  test.each(impossible)("the log is %s", async (_why, happen) => {
    const core = createCore();
    const { cursor } = await interrupted(core);
    for (let i = 0; i < 5; i++) core.change("a", i);
    await happen(core);
    const opening = core.open({ args: { of: "a" }, cursor });
    await core.clock.pass(1_500);
    const again = await opening;
    await core.clock.settle();
    expect(again.sink.received).toMatchObject([{ data: null, extensions: { recovered: false } }]);
    const live = core.change("a", "live");
    await core.clock.settle();
    expect(again.sink.events).toEqual([live]);
    expect(told(again)).toEqual([false, undefined]);
  });

  test("more was missed than the field gives again", async () => {
    const core = createCore();
    const wish = { field: thingsField({ replay: { maxAgeMs: 1_000_000, maxEvents: 3 } }), args: { of: "a" } };
    const { cursor } = await interrupted(core, wish);
    for (let i = 0; i < 3; i++) core.change("a", i);
    expect(told(await core.begun({ ...wish, cursor }))).toEqual([true, undefined, undefined]);
    core.change("a", 4);
    expect(told(await core.begun({ ...wish, cursor }))).toEqual([false]);
  });

  test("a subscription to one entity is given its state of now", async () => {
    const core = createCore();
    const wish = { field: thingField(), args: { id: "a" } };
    const { cursor } = await interrupted(core, wish);
    core.change("a");
    core.events.retain(1);
    const again = await core.begun({ ...wish, cursor });
    expect(again.sink.received).toMatchObject([{ data: { key: "a", event: null }, extensions: { recovered: false } }]);
  });
});

test("a cursor of another gateway that is a little ahead waits for this one", async () => {
  const core = createCore();
  const ahead = createCore();
  core.change("a", 0);
  const { cursor } = await interrupted(ahead);
  core.events.loseEverything();
  const first = ahead.events.head;
  const opening = core.open({ args: { of: "a" }, cursor });
  core.events.publish("x", {}, { id: first?.id ?? "" });
  await core.clock.pass(1_000);
  const again = await opening;
  const live = core.change("a", 1);
  await core.clock.settle();
  expect(again.sink.events).toEqual([live]);
  expect(told(again)).toEqual([true]);
});

describe("while the broker was not reached yet", () => {
  /** Someone who comes back to a gateway that has not reached its broker. */
  const comeBack = async (more: object = {}) => {
    const core = createCore({ maxSubscriptions: 1 });
    const { cursor } = await interrupted(core);
    const missed = core.change("a", "missed");
    core.events.attach(false);
    const opening = core.tryOpen({ args: { of: "a" }, cursor, ...more });
    await core.clock.pass(4_900);
    expect(core.events.waiting).toBe(1);
    return { core, cursor, missed, opening };
  };

  test("whoever comes back waits for it, and gets what was missed", async () => {
    const { core, missed, opening } = await comeBack();
    core.events.attach(true);
    const again = await opening;
    if (!("sink" in again)) throw new Error("it was refused");
    await core.clock.settle();
    expect(again.sink.events).toEqual([missed]);
    expect(told(again)).toEqual([true]);
  });

  test("whoever comes back waits for some seconds, and is told that events may be missing", async () => {
    const { core, opening } = await comeBack();
    await core.clock.pass(100);
    const again = await opening;
    if (!("sink" in again)) throw new Error("it was refused");
    await core.clock.settle();
    expect(told(again)).toEqual([false]);
    expect(core.events.waiting).toBe(0);
  });

  test("whoever leaves meanwhile leaves nothing behind", async () => {
    const gone = new AbortController();
    const { core, opening } = await comeBack({ gone: gone.signal });
    gone.abort();
    expect("sink" in (await opening)).toBe(false);
    expect(core.events.waiting).toBe(0);
    expect(await core.metric("gateway_subscriptions")).toBe(0);
    core.events.attach(true);
    // The one place is free again.
    await core.begun({ args: { of: "a" } });
  });

  test("whoever has waited listens to the client's going no more", async () => {
    const listeners = new Set<() => void>();
    const gone = {
      aborted: false,
      addEventListener: (_type: "abort", listener: () => void) => void listeners.add(listener),
      removeEventListener: (_type: "abort", listener: () => void) => void listeners.delete(listener),
    };
    const { core, opening } = await comeBack({ gone });
    expect(listeners.size).toBe(1);
    core.events.attach(true);
    await opening;
    expect(listeners.size).toBe(0);
  });

  test("whoever had left before does not wait", async () => {
    const core = createCore();
    const { cursor } = await interrupted(core);
    core.events.attach(false);
    await core.tryOpen({ args: { of: "a" }, cursor, gone: AbortSignal.abort() });
    expect(core.events.waiting).toBe(0);
  });

  test("nobody waits who has no cursor", async () => {
    const core = createCore();
    core.events.attach(false);
    await core.begun({ args: { of: "a" } });
  });
});

test("where the broker keeps no log nobody waits for one", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  core.events.loseEverything();
  const again = await core.begun({ args: { of: "a" }, cursor });
  expect(told(again)).toEqual([false]);
});

test("a gap of the log is told to everyone, with the state of now where there is one", async () => {
  const core = createCore();
  const things = await core.begun({ args: { of: "a" } });
  const thing = await core.begun({ field: thingField(), args: { id: "a" } });
  core.events.loseEverything();
  await core.clock.settle();
  const live = core.change("a");
  await core.clock.settle();
  expect(things.sink.received).toMatchObject([
    { data: null, extensions: { recovered: false } },
    { data: { event: live } },
  ]);
  expect(thing.sink.received).toMatchObject([
    { data: { event: null } },
    { data: { event: null }, extensions: { recovered: false } },
    { data: { event: live } },
  ]);
  expect(things.sink.received[1]?.extensions).not.toHaveProperty("recovered");
});

test("a slow reader who loses the message of a gap is told with the next one", async () => {
  const core = createCore();
  const sink = new RecordingSink();
  sink.room = 1;
  const field = thingsField({ buffer: { ...EACH, policy: "DROP_OLDEST", maxMessages: 1 } });
  const { subscription } = await core.begun({ field, args: { of: "a" } }, sink);
  core.change("a", 0);
  await core.clock.settle();
  core.events.loseEverything();
  await core.clock.settle();
  core.change("a", 1);
  await core.clock.settle();
  sink.room = Infinity;
  subscription.drained();
  expect(sink.received.map(({ extensions }) => [extensions?.recovered, extensions?.dropped])).toEqual([
    [undefined, undefined],
    [false, 1],
  ]);
});

test("a thousand who come back with one cursor cost one reading of the log and one execution for each event", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  const missed = [core.change("a", 1), core.change("a", 2)];
  core.executions.length = 0;
  const all = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => core.open({ args: { of: "a" }, cursor, client: `client ${i}` })),
  );
  await core.clock.settle();
  expect(all.every(({ sink }) => sink.events.join() === missed.join())).toBe(true);
  expect(core.events.replays).toBe(1);
  expect(core.executions).toHaveLength(2);
});

test("a reader who takes no more makes a replay wait and loses nothing of it", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  const missed = Array.from({ length: 50 }, (_, i) => core.change("a", i));
  const sink = new RecordingSink();
  sink.room = 1;
  const { subscription } = await core.begun({ args: { of: "a" }, cursor }, sink);
  expect(sink.events).toEqual(missed.slice(0, 1));
  for (let i = 1; i < missed.length; i++) {
    sink.room = 1;
    subscription.drained();
    await core.clock.settle();
  }
  expect(sink.events).toEqual(missed);
});

test("whoever leaves during a replay is not written to any more", async () => {
  const core = createCore();
  const { cursor } = await interrupted(core);
  core.change("a", 1);
  core.events.holdReplays(true);
  const again = await core.begun({ args: { of: "a" }, cursor });
  again.subscription.leave();
  core.events.holdReplays(false);
  await core.clock.settle();
  expect(again.sink.received).toEqual([]);
});

test("replays are rationed: one client's wait for their turn, another's do not", async () => {
  const core = createCore({
    replayRates: { gateway: { rate: 1_000_000, burst: 1_000_000 }, client: { rate: 10, burst: 10 } },
  });
  const { cursor } = await interrupted(core);
  const missed = Array.from({ length: 19 }, (_, i) => core.change("a", i));
  const greedy = { args: { of: "a" }, cursor, client: "greedy" };
  const first = await core.begun(greedy);
  const second = await core.begun(greedy);
  const other = await core.begun({ ...greedy, client: "other" });
  expect(first.sink.events).toEqual(missed);
  expect(second.sink.events).toEqual([]);
  expect(other.sink.events).toEqual(missed);
  await core.clock.pass(2_000);
  expect(second.sink.events).toEqual(missed);
});

test("many clients of one address come back at once: each waits for its turn and gets every event, in order", async () => {
  const core = createCore({
    replayRates: { gateway: { rate: 1_000_000, burst: 1_000_000 }, client: { rate: 20, burst: 20 } },
  });
  const { cursor } = await interrupted(core);
  const missed = Array.from({ length: 30 }, (_, i) => core.change("a", i));
  const all = await Promise.all(Array.from({ length: 12 }, () => core.begun({ args: { of: "a" }, cursor })));
  const isDone = () => all.every(({ sink }) => sink.events.length >= missed.length);
  for (let second = 0; second < 60 && !isDone(); second++) {
    missed.push(core.change("a", "later"));
    await core.clock.pass(1_000);
  }
  for (const { sink } of all) expect(sink.events).toEqual(missed);
  expect(core.events.replays).toBeGreaterThan(0);
});

test("what a broken connection did not get is not counted against the client", async () => {
  const core = createCore({
    replayRates: { gateway: { rate: 1_000_000, burst: 1_000_000 }, client: { rate: 1, burst: 60 } },
  });
  const { cursor } = await interrupted(core);
  const missed = Array.from({ length: 40 }, (_, i) => core.change("a", i));
  const again = { args: { of: "a" }, cursor, client: "on a bad line" };
  for (let i = 0; i < 5; i++) {
    const sink = new RecordingSink();
    sink.room = 1;
    const { subscription } = await core.begun(again, sink);
    expect(sink.events).toEqual(missed.slice(0, 1));
    subscription.leave();
    await core.clock.settle();
  }
  const { sink } = await core.begun(again);
  expect(sink.events).toEqual(missed);
});
