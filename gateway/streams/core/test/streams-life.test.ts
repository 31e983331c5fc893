import { asUser, createCore, thingField, thingsField } from "./fakes/core-harness";
import { RecordingSink } from "./fakes/recording-sink";

const REVOKED = "users.session.revoked.v1";

test("a token that expires ends its subscriptions within a second, with a typed error and the cursor to go on from", async () => {
  const core = createCore();
  const { sink } = await core.begun({ args: { of: "a" }, expiresAtMs: core.clock.now() + 10_000 });
  core.change("a");
  await core.clock.pass(9_900);
  expect(sink.ending).toBeUndefined();
  await core.clock.pass(1_100);
  expect(sink.code).toBe("SUBSCRIPTION_TOKEN_EXPIRED");
  expect(sink.ending).toMatchObject({ errors: [{ extensions: { cursor: sink.cursor } }] });
  core.change("a");
  await core.clock.settle();
  expect(sink.received).toHaveLength(1);
  expect(await core.metric("gateway_subscription_endings_total", { reason: "token-expired" })).toBe(1);
});

test("a newer token keeps the subscription for as long as it is good", async () => {
  const core = createCore();
  const { sink, subscription } = await core.begun({ args: { of: "a" }, expiresAtMs: core.clock.now() + 1_000 });
  subscription.renew(core.clock.now() + 5_000);
  await core.clock.pass(4_900);
  expect(sink.ending).toBeUndefined();
  await core.clock.pass(1_100);
  expect(sink.code).toBe("SUBSCRIPTION_TOKEN_EXPIRED");
  subscription.renew(core.clock.now() + 5_000);
});

test("subscriptions outlive the longest timer of Node", async () => {
  const core = createCore();
  const { sink } = await core.begun({ args: { of: "a" }, expiresAtMs: core.clock.now() + 2 ** 40 });
  await core.clock.pass(1_000);
  expect(sink.ending).toBeUndefined();
});

test("a session that is revoked ends its subscriptions everywhere, and nobody else's", async () => {
  const core = createCore();
  const revoked = await core.begun({ args: { of: "a" }, viewer: asUser("u1", "s1") });
  const elsewhere = await core.begun({ args: { of: "b" }, viewer: asUser("u1", "s1") });
  const other = await core.begun({ args: { of: "a" }, viewer: asUser("u1", "s2") });
  const nobody = await core.begun({ args: { of: "a" } });
  core.events.publish(REVOKED, { sessionId: "s1", userId: "u1" });
  expect([revoked, elsewhere, other, nobody].map(({ sink }) => sink.code)).toEqual([
    "SUBSCRIPTION_SESSION_REVOKED",
    "SUBSCRIPTION_SESSION_REVOKED",
    undefined,
    undefined,
  ]);
  expect(await core.refused({ args: { of: "a" }, viewer: asUser("u1", "s1") })).toBe("SUBSCRIPTION_SESSION_REVOKED");
});

test("an event that names a user only ends all sessions of now; the user may sign in again", async () => {
  const core = createCore();
  const first = await core.begun({ args: { of: "a" }, viewer: asUser("u1", "s1") });
  const second = await core.begun({ args: { of: "a" }, viewer: asUser("u1", "s2") });
  core.events.publish(REVOKED, { userId: "u1" });
  expect([first, second].map(({ sink }) => sink.code)).toEqual(Array(2).fill("SUBSCRIPTION_SESSION_REVOKED"));
  await core.begun({ args: { of: "a" }, viewer: asUser("u1", "s3") });
});

test("a session that is revoked while its subscription is opened does not get it", async () => {
  const core = createCore();
  const opening = core.refused({ args: { of: "a" }, viewer: asUser("u1") });
  core.events.publish(REVOKED, { userId: "u1" });
  expect(await opening).toBe("SUBSCRIPTION_SESSION_REVOKED");
});

test.each([undefined, null, {}, { sessionId: 7 }, { sessionId: {}, userId: [] }, "u1"])(
  "a revocation of %j ends nothing and breaks nothing",
  async (data) => {
    const core = createCore();
    const { sink } = await core.begun({ args: { of: "a" }, viewer: asUser("u1") });
    core.events.publish(REVOKED, data);
    expect(sink.ending).toBeUndefined();
  },
);

test("a client, and the gateway, have so many subscriptions at once and no more", async () => {
  const core = createCore({ maxSubscriptions: 3, maxSubscriptionsPerClient: 2 });
  const wish = { args: { of: "a" } };
  const first = await core.begun({ ...wish, client: "c1" });
  await core.begun({ ...wish, client: "c1" });
  expect(await core.refused({ ...wish, client: "c1" })).toBe("SUBSCRIPTION_LIMIT_EXCEEDED");
  await core.begun({ ...wish, client: "c2" });
  expect(await core.refused({ ...wish, client: "c2" })).toBe("SUBSCRIPTION_LIMIT_EXCEEDED");
  first.subscription.leave();
  first.subscription.leave();
  await core.begun({ ...wish, client: "c2" });
  expect(await core.refused({ ...wish, client: "c3" })).toBe("SUBSCRIPTION_LIMIT_EXCEEDED");
});

test("a subscription that is refused gives its place back", async () => {
  const core = createCore({ maxSubscriptions: 1 });
  core.world.canSee = () => false;
  await core.refused({ field: thingField(), args: { id: "a" } });
  core.world.canSee = () => true;
  await core.begun({ args: { of: "a" } });
});

test("at closing everyone is told to come back, not all in one instant, and nobody is let in any more", async () => {
  const core = createCore();
  const all = await Promise.all(Array.from({ length: 1_000 }, () => core.open({ args: { of: "a" } })));
  await core.clock.settle();
  const gone = () => all.filter(({ sink }) => sink.ending?.kind === "going-away").length;
  let isClosed = false;
  void core.streams.close().then(() => (isClosed = true));
  expect(await core.refused({ args: { of: "a" } })).toBe("SUBSCRIPTION_GOING_AWAY");
  expect(gone()).toBeLessThan(500);
  await core.clock.pass(2_000);
  expect(gone()).toBe(1_000);
  expect(isClosed).toBe(true);
});

test("a reload keeps subscriptions: they go on on the new graph, and no event is lost or comes twice", async () => {
  const core = createCore();
  const { sink } = await core.begun({ args: { of: "a" } });
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  core.world.gate = () => held;
  const before = core.change("a", 1);
  core.graphs.reload();
  const between = core.change("a", 2);
  await core.clock.settle();
  const after = core.change("a", 3);
  await core.clock.settle();
  expect(sink.events).toEqual([]);
  release();
  await core.clock.settle();
  expect(sink.events).toEqual([before, between, after]);
  expect(sink.received.map(({ data }) => data?.graph)).toEqual([0, 0, 1]);
  expect(core.graphs.inUse).toBe(0);
  expect(await core.metric("gateway_subscription_groups")).toBe(1);
});

test("only what does not fit the new graph is ended, with the reason", async () => {
  const core = createCore();
  const gone = await core.begun({ field: thingField(), args: { id: "a" } });
  const stays = await core.begun({ args: { of: "a" } });
  core.world.fieldIn = (graph, field) =>
    graph > 0 && field.name === "thing" ? `Cannot query field "thing" on type "Subscription".` : field;
  core.graphs.reload();
  await core.clock.settle();
  expect(gone.sink.code).toBe("SUBSCRIPTION_GRAPH_CHANGED");
  expect(gone.sink.ending).toMatchObject({
    errors: [{ message: expect.stringContaining(`Cannot query field "thing"`) as string }],
  });
  const id = core.change("a");
  await core.clock.settle();
  expect(stays.sink.events).toEqual([id]);
});

test("each subscriber of a group is checked: what one may not see on the new graph another still may", async () => {
  const core = createCore();
  core.world.isViewerIndependent = true;
  const all = await Promise.all(["u1", "u2"].map((name) => core.open({ args: { of: "a" }, viewer: asUser(name) })));
  await core.clock.settle();
  core.world.isViewerIndependent = false;
  core.world.canSee = (viewer) => viewer?.subject === "u1";
  core.graphs.reload();
  await core.clock.settle();
  core.change("a");
  await core.clock.settle();
  expect(all.map(({ sink }) => sink.events.length)).toEqual([1, 0]);
});

test("while some of a group are on the new graph and others on the old one, each gets every event once", async () => {
  const core = createCore();
  core.world.isViewerIndependent = true;
  const names = Array.from({ length: 100 }, (_, i) => `u${i}`);
  const all = await Promise.all(names.map((name) => core.open({ args: { of: "a" }, viewer: asUser(name) })));
  await core.clock.settle();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  core.world.planning = (graph, viewer) => (graph > 0 && viewer?.subject === "u50" ? held : undefined);
  const ids = [core.change("a", 1)];
  core.graphs.reload();
  ids.push(core.change("a", 2));
  await core.clock.settle();
  ids.push(core.change("a", 3));
  await core.clock.settle();
  expect(new Set(all.map(({ sink }) => sink.last?.data?.graph))).toEqual(new Set([0, 1]));
  release();
  ids.push(core.change("a", 4));
  await core.clock.settle();
  ids.push(core.change("a", 5));
  await core.clock.settle();
  for (const { sink } of all) {
    expect(sink.events).toEqual(ids);
    expect(sink.last?.data?.graph).toBe(1);
  }
  expect(await core.metric("gateway_subscription_groups")).toBe(1);
});

test("reloads that follow each other end on the newest graph", async () => {
  const core = createCore();
  const all = await Promise.all(Array.from({ length: 200 }, () => core.open({ args: { of: "a" } })));
  await core.clock.settle();
  core.graphs.reload();
  await Promise.resolve();
  core.graphs.reload();
  core.graphs.reload();
  await core.clock.settle();
  core.change("a");
  await core.clock.settle();
  expect(new Set(all.map(({ sink }) => sink.last?.data?.graph))).toEqual(new Set([3]));
});

test("a subscription that is opened while the graph changes is brought to the new one", async () => {
  const core = createCore();
  const opening = core.open({ args: { of: "a" } });
  core.graphs.reload();
  const { sink } = await opening;
  await core.clock.settle();
  core.change("a");
  await core.clock.settle();
  expect(sink.received).toMatchObject([{ data: { graph: 1 } }]);
});

test("a reload during a replay delivers the rest of it first", async () => {
  const core = createCore();
  const first = await core.begun({ args: { of: "a" } });
  core.change("a", 0);
  await core.clock.settle();
  first.subscription.leave();
  const missed = [core.change("a", 1), core.change("a", 2)];
  core.events.holdReplays(true);
  const again = await core.begun({ args: { of: "a" }, cursor: first.sink.cursor });
  const live = [core.change("a", 3)];
  core.graphs.reload();
  await core.clock.settle();
  live.push(core.change("a", 4));
  await core.clock.settle();
  expect(again.sink.events).toEqual([]);
  core.events.holdReplays(false);
  await core.clock.settle();
  expect(again.sink.events).toEqual([...missed, ...live]);
});

test("a slow reader keeps what waits for it over a reload", async () => {
  const core = createCore();
  const sink = new RecordingSink();
  sink.room = 1;
  const { subscription } = await core.begun({ args: { of: "a" } }, sink);
  const ids = [core.change("a", 1), core.change("a", 2)];
  await core.clock.settle();
  core.graphs.reload();
  await core.clock.settle();
  ids.push(core.change("a", 3));
  await core.clock.settle();
  sink.room = Infinity;
  subscription.drained();
  expect(sink.events).toEqual(ids);
});

test("what waits to be merged when the graph changes is still delivered, once", async () => {
  const core = createCore();
  const field = thingsField({ buffer: { policy: "LATEST", maxMessages: 10, maxBytes: 10_000, coalesceMs: 100 } });
  const { sink } = await core.begun({ field, args: { of: "a" } });
  const before = core.change("a", "x");
  core.graphs.reload();
  await core.clock.settle();
  const after = core.change("a", "x");
  await core.clock.pass(100);
  expect(sink.events).toEqual([before, after]);
});

test("whoever leaves while it is planned anew is forgotten", async () => {
  const core = createCore();
  const { sink, subscription } = await core.begun({ args: { of: "a" } });
  core.graphs.reload();
  subscription.leave();
  await core.clock.settle();
  core.change("a");
  await core.clock.settle();
  expect(sink.received).toEqual([]);
  expect(await core.metric("gateway_subscription_groups")).toBe(0);
  expect(core.graphs.inUse).toBe(0);
});
