import type { Change } from "../prepared-stream";
import { asUser, CHANGED, createCore, EACH, thingField, thingsField } from "./fakes/core-harness";
import { RecordingSink } from "./fakes/recording-sink";

/** Keeps executions of single things until they are let go. */
function gateByKey(world: ReturnType<typeof createCore>["world"]) {
  const held = new Map<string, () => void>();
  const holding = new Set<string>();
  world.gate = ({ key }: Change) =>
    holding.has(String(key)) ? new Promise<void>((resolve) => held.set(String(key), resolve)) : undefined;
  return {
    hold: (key: string) => holding.add(key),
    release: (key: string) => {
      holding.delete(key);
      held.get(key)?.();
    },
  };
}

test("an event reaches everyone who waits for it, and nobody else", async () => {
  const { clock, begun, change } = createCore();
  const [a, b, other] = [
    await begun({ args: { of: "a" } }),
    await begun({ args: { of: "a" } }),
    await begun({ args: { of: "b" } }),
  ];
  const id = change("a", "thing-1");
  await clock.settle();
  expect(a.sink.received).toMatchObject([{ data: { key: "thing-1", event: id } }]);
  expect(b.sink.events).toEqual([id]);
  expect(other.sink.received).toEqual([]);
});

test("ten thousand subscribers of a group cost one execution, and get the same object", async () => {
  const { clock, open, change, executions, metric } = createCore();
  const all = await Promise.all(Array.from({ length: 10_000 }, () => open({ args: { of: "a" } })));
  await clock.settle();
  change("a");
  await clock.settle();
  expect(executions).toHaveLength(1);
  expect(new Set(all.map(({ sink }) => sink.messages[0])).size).toBe(1);
  expect(all.every(({ sink }) => sink.messages.length === 1)).toBe(true);
  expect(await metric("gateway_subscriptions")).toBe(10_000);
  expect(await metric("gateway_subscription_groups")).toBe(1);
  expect(await metric("gateway_stream_messages_total")).toBe(10_000);
});

test("viewers of different identity never share an execution", async () => {
  const { clock, begun, change, executions } = createCore();
  await begun({ args: { of: "a" }, viewer: asUser("u1") });
  await begun({ args: { of: "a" }, viewer: asUser("u2") });
  change("a");
  await clock.settle();
  expect(new Set(executions.map(({ executionKey }) => executionKey)).size).toBe(2);
});

test("groups that differ in their filters only share the execution of an event", async () => {
  const { clock, begun, change, executions } = createCore();
  const field = thingsField({
    where: [{ path: ["stock"], operator: "<", operand: { source: "args", name: "threshold" } }],
  });
  const opened = [];
  for (const threshold of [5, 10, 20]) opened.push(await begun({ field, args: { threshold } }));
  change("a", 1, { stock: 7 });
  await clock.settle();
  expect(opened.map(({ sink }) => sink.events.length)).toEqual([0, 1, 1]);
  expect(executions).toHaveLength(1);
});

test("a subscriber who leaves gets nothing more and disturbs nobody; the last one takes the group along", async () => {
  const { clock, begun, change, executions, metric } = createCore();
  const [first, second] = [await begun({ args: { of: "a" } }), await begun({ args: { of: "a" } })];
  first.subscription.leave();
  change("a");
  await clock.settle();
  expect(first.sink.received).toEqual([]);
  expect(first.sink.ending).toBeUndefined();
  expect(second.sink.received).toHaveLength(1);
  second.subscription.leave();
  second.subscription.leave();
  change("a");
  await clock.settle();
  expect(executions).toHaveLength(1);
  expect(await metric("gateway_subscription_groups")).toBe(0);
  expect(await metric("gateway_subscriptions")).toBe(0);
  expect(await metric("gateway_subscription_endings_total", { reason: "client" })).toBe(2);
});

test("executions of a group run at the same time and their results leave in the order of the log", async () => {
  const { clock, begun, change, executions, world } = createCore();
  const gate = gateByKey(world);
  const { sink } = await begun({ args: { of: "a" } });
  gate.hold("slow");
  const [slow, quick] = [change("a", "slow"), change("a", "quick")];
  await clock.settle();
  expect(executions).toHaveLength(2);
  expect(sink.events).toEqual([]);
  gate.release("slow");
  await clock.settle();
  expect(sink.events).toEqual([slow, quick]);
});

test("a slow execution of one group keeps no other group waiting", async () => {
  const { clock, begun, change, world } = createCore();
  const gate = gateByKey(world);
  const [slow, quick] = [await begun({ args: { of: "a" } }), await begun({ args: { of: "b" } })];
  gate.hold("a");
  change("a");
  const id = change("b");
  await clock.settle();
  expect(slow.sink.events).toEqual([]);
  expect(quick.sink.events).toEqual([id]);
  gate.release("a");
});

test("an event that the viewer may not see is none, and the ones behind it come", async () => {
  const { clock, begun, change, world } = createCore();
  world.canSee = (_viewer, key) => key !== "secret";
  const { sink } = await begun({ args: { of: "a" } });
  change("a", "secret");
  const id = change("a", "open");
  await clock.settle();
  expect(sink.events).toEqual([id]);
});

test("a subscriber who joins between an event and its delivery does not get it", async () => {
  const { clock, begun, open, change, world } = createCore();
  const gate = gateByKey(world);
  const early = await begun({ args: { of: "a" } });
  gate.hold("a");
  const before = change("a");
  const late = await open({ args: { of: "a" } });
  const after = change("a", "another");
  gate.release("a");
  await clock.settle();
  expect(early.sink.events).toEqual([before, after]);
  expect(late.sink.events).toEqual([after]);
});

test("the sink is not called before the opening has settled", async () => {
  const { tryOpen, change, clock, world } = createCore();
  let release = () => {};
  const seen = new Promise<void>((resolve) => (release = resolve));
  world.gate = () => seen;
  const sink = new RecordingSink();
  const opening = tryOpen({ field: thingField(), args: { id: "a" } }, sink);
  change("a");
  await opening;
  expect(sink.messages).toEqual([]);
  release();
  await clock.settle();
  expect(sink.messages).toHaveLength(1);
});

test("a subscription to one entity begins with its state, then come the changes, with cursors that only grow", async () => {
  const { clock, open, change, executions } = createCore();
  change("before");
  const { sink } = await open({ field: thingField(), args: { id: "a" } });
  const id = change("a");
  await clock.settle();
  expect(sink.received).toMatchObject([{ data: { key: "a", event: null } }, { data: { event: id } }]);
  expect(sink.messages.every(({ cursor }) => cursor !== undefined)).toBe(true);
  expect(sink.received.map(({ extensions }) => Object.keys(extensions ?? {}))).toEqual([["cursor"], ["cursor"]]);
  expect(executions).toHaveLength(2);
});

test("those who begin together share the state that they begin with, those who come after an event do not", async () => {
  const { clock, open, change, executions, world } = createCore();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  world.gate = ({ event }) => (event ? undefined : held);
  const wish = { field: thingField(), args: { id: "a" } };
  await Promise.all([open(wish), open(wish), open(wish)]);
  await clock.settle();
  expect(executions).toHaveLength(1);
  change("a");
  await open(wish);
  await clock.settle();
  expect(executions.filter(({ change: { event } }) => !event)).toHaveLength(2);
  release();
});

test("who may not see an entity is told so instead of waiting for ever, and leaves no trace", async () => {
  const { refused, world, metric } = createCore();
  world.canSee = (viewer) => viewer?.subject === "owner";
  expect(await refused({ field: thingField(), args: { id: "a" }, viewer: asUser("other") })).toBe("FORBIDDEN");
  expect(await metric("gateway_subscriptions")).toBe(0);
  expect(await metric("gateway_subscription_groups")).toBe(0);
});

test("what the field's authorize says is asked of each event with the claims of the subscriber; what cannot be evaluated is a no", async () => {
  const { clock, begun, change, world } = createCore();
  world.isViewerIndependent = true;
  const field = thingsField({
    authorize: [{ path: ["owner"], operator: "==", operand: { source: "claims", name: "sub" } }],
  });
  const mine = await begun({ field, args: { of: "a" }, viewer: asUser("u1") });
  const others = await begun({ field, args: { of: "a" }, viewer: asUser("u2") });
  const nobodys = await begun({ field, args: { of: "a" } });
  const id = change("a", "x", { owner: "u1" });
  for (const owner of [undefined, null, {}, ["u1"], 7]) change("a", "x", { owner });
  await clock.settle();
  expect(mine.sink.events).toEqual([id]);
  expect(others.sink.events).toEqual([]);
  expect(nobodys.sink.events).toEqual([]);
});

test("events that break their promise are counted and set aside, and subscriptions go on", async () => {
  const { clock, begun, change, events, metric } = createCore();
  const { sink } = await begun({ args: { of: "a" } });
  events.publish("nobody.knows.v1", { of: "a", id: "x" });
  for (const data of [null, 7, "text", [], {}, { of: "a" }]) events.publish(CHANGED, data);
  for (const id of [null, true, {}, ["x"]]) events.publish(CHANGED, { of: "a", id });
  events.publish(CHANGED, JSON.parse(`{"__proto__": {"of": "a", "id": "x"}}`));
  const good = change("a");
  await clock.settle();
  expect(sink.events).toEqual([good]);
  expect(await metric("gateway_stream_events_set_aside_total", { why: "unusable" })).toBe(5);
});

test("an event that is older than one before it of the same aggregate is set aside", async () => {
  const { clock, begun, change, metric } = createCore();
  const { sink } = await begun({ args: { of: "a" } });
  const news = [change("a", "x", { version: 2 }), change("a", "x", { version: 2 }), change("a", "x", { version: 3 })];
  change("a", "x", { version: 1 });
  const unversioned = change("a", "x");
  await clock.settle();
  expect(sink.events).toEqual([...news, unversioned]);
  expect(await metric("gateway_stream_events_set_aside_total", { why: "stale" })).toBe(1);
});

test("an execution that rejects is one typed error without its reason, and the subscription goes on", async () => {
  const { clock, begun, change, world } = createCore();
  const { sink } = await begun({ args: { of: "a" } });
  world.gate = ({ key }) => (key === "bad" ? Promise.reject(new Error("secret")) : undefined);
  change("a", "bad");
  const id = change("a", "good");
  await clock.settle();
  expect(sink.received[0]?.errors?.[0]?.extensions.code).toBe("INTERNAL_SERVER_ERROR");
  expect(sink.messages[0]?.text).not.toContain("secret");
  expect(sink.events).toEqual([id]);
});

test("a deluge of one group lets others have their turns", async () => {
  const { clock, open, change } = createCore();
  const crowd = await Promise.all(Array.from({ length: 1_000 }, () => open({ args: { of: "crowd" } })));
  const order: string[] = [];
  const sink = new RecordingSink();
  await open({ args: { of: "one" } }, sink);
  await clock.settle();
  const record = (name: string, of: RecordingSink) => {
    const write = of.write.bind(of);
    of.write = (message) => {
      order.push(name);
      return write(message);
    };
  };
  crowd.forEach(({ sink: each }) => record("crowd", each));
  record("one", sink);
  for (let i = 0; i < 5; i++) change("crowd");
  change("one");
  await clock.settle();
  expect(order.filter((name) => name === "crowd")).toHaveLength(5_000);
  expect(order.indexOf("one")).toBeLessThan(1_000);
});

test("changes of one entity within the field's time are one, the newest, and no cursor passes over what waits", async () => {
  const { clock, begun, change } = createCore();
  const field = thingsField({ buffer: { ...EACH, coalesceMs: 100 } });
  const { sink } = await begun({ field, args: { of: "a" } });
  change("a", "x");
  const y = change("a", "y");
  const x = change("a", "x");
  await clock.pass(99);
  expect(sink.events).toEqual([]);
  await clock.pass(1);
  expect(sink.events).toEqual([y, x]);
  const later = change("a", "x");
  await clock.pass(100);
  expect(sink.events).toEqual([y, x, later]);
});
