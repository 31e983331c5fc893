import { type ExecutionResult, GraphQLError } from "graphql";
import type { EventMessage } from "../../../kit/amqp/event-message";
import { newId } from "../../../kit/ids";
import { createLogger } from "../../../kit/log";
import { Registry } from "prom-client";
import type { UpstreamContext } from "../../upstream/upstream-context";
import { createStreams } from "../create-streams";
import { readEventFields } from "../event-fields";
import { createSupergraphSnapshot } from "../../supergraph/supergraph-snapshot";
import { asNobody, asUser, committedSupergraph, createCommerce, documentOf, ORDER_1 } from "./commerce";

const QUERY = `subscription ($id: ID!, $shout: Boolean, $withLines: Boolean = true) {
  update: orderUpdated(orderId: $id) {
    __typename
    id
    state: status
    note(shout: $shout)
    customer { name }
    ... @include(if: $withLines) { lines { quantity product { title } } }
  }
}`;

function setUp() {
  const commerce = createCommerce();
  const streams = createStreams({
    upstreams: commerce.upstreams,
    log: createLogger("test", "silent"),
    metrics: new Registry(),
  });
  const open = (
    context: UpstreamContext,
    query = QUERY,
    variables: Record<string, unknown> = { id: ORDER_1, shout: true },
    expiresAtMs?: number,
  ) => streams.open({ generation: commerce.generation, document: documentOf(query), variables, context, expiresAtMs });
  const running = async (...args: Parameters<typeof open>) => {
    const opened = await open(...args);
    if (Array.isArray(opened)) throw new AggregateError(opened, opened.map(String).join());
    return opened as AsyncIterableIterator<ExecutionResult>;
  };
  const refused = async (...args: Parameters<typeof open>) => {
    const opened = await open(...args);
    if (!Array.isArray(opened)) throw new Error("it was opened");
    return (opened as GraphQLError[]).map(({ extensions }) => extensions["code"]);
  };
  /** The same, with the state that it begins with already read. */
  const begun = async (...args: Parameters<typeof open>) => {
    const results = await running(...args);
    await results.next();
    return results;
  };
  return { ...commerce, streams, running, begun, refused };
}

const placed = (orderId: unknown, userId = "u1"): EventMessage => ({
  id: newId(),
  type: "orders.order.placed.v1",
  source: "/orders",
  subject: JSON.stringify(orderId) ?? "",
  time: new Date().toISOString(),
  data: { orderId, userId },
});

test("an event's key becomes a result with fields of all three subgraphs, aliases and variables", async () => {
  const { streams, begun, state } = setUp();
  const results = await begun(asUser("u1"));
  state.status = "CONFIRMED";
  streams.take(placed(ORDER_1));
  expect((await results.next()).value).toEqual({
    data: {
      update: {
        __typename: "Order",
        id: ORDER_1,
        state: "CONFIRMED",
        note: "HELLO",
        customer: { name: "user u1" },
        lines: [{ quantity: 2, product: { title: "product p1" } }],
      },
    },
  });
  await results.return?.();
});

test("what a variable leaves out is not asked for", async () => {
  const { streams, begun, state } = setUp();
  const results = await begun(asUser("u1"), QUERY, { id: ORDER_1, withLines: false });
  state.calls.length = 0;
  streams.take(placed(ORDER_1));
  const { value } = (await results.next()) as { value: ExecutionResult };
  expect(value.data?.["update"]).not.toHaveProperty("lines");
  expect(state.calls).not.toContain("products");
  await results.return?.();
});

test("someone else's order cannot be watched, staff may watch any, nobody signed in is told to sign in", async () => {
  const { running, refused } = setUp();
  expect(await refused(asUser("u2"))).toEqual(["FORBIDDEN"]);
  expect(await refused(asNobody)).toEqual(["UNAUTHENTICATED"]);
  expect(await refused(asUser("u1"), QUERY, { id: "unknown" })).toEqual(["FORBIDDEN"]);
  await (await running(asUser("u2", "orders:read"))).return?.();
});

test("events of other orders, of other users and repeated ones reach nobody", async () => {
  const { streams, running, begun } = setUp();
  const mine = await running(asUser("u1"), "subscription { myOrders { id } }", {});
  const results = await begun(asUser("u1"));
  const first = placed(ORDER_1);
  streams.take(placed("another"));
  streams.take(placed(ORDER_1, "u2"));
  expect((await results.next()).value).toMatchObject({ data: { update: { id: ORDER_1 } } });
  streams.take(first);
  streams.take(first);
  expect((await mine.next()).value).toEqual({ data: { myOrders: { id: ORDER_1 } } });
  streams.close();
  expect(await mine.next()).toEqual({ value: undefined, done: true });
});

test("events whose body breaks its promise are set aside and the subscription goes on", async () => {
  const { streams, begun } = setUp();
  const results = await begun(asUser("u1"));
  for (const key of [undefined, null, 7, {}, ["x"], JSON.parse(`{"__proto__": 1}`) as unknown])
    streams.take(placed(key));
  streams.take({ ...placed(ORDER_1), data: null });
  streams.take({ ...placed(ORDER_1), type: "nobody.knows.v1" });
  streams.take(placed(ORDER_1));
  expect((await results.next()).value).toMatchObject({ data: { update: { id: ORDER_1 } } });
  await results.return?.();
});

test("a field that fails gives its error under the client's path, the rest of the result is there", async () => {
  const { streams, begun } = setUp();
  const results = await begun(
    asUser("u1"),
    "subscription ($id: ID!) { mine: orderUpdated(orderId: $id) { id oops: broken } }",
  );
  streams.take(placed(ORDER_1));
  const { value } = (await results.next()) as { value: ExecutionResult };
  expect(value.data).toEqual({ mine: { id: ORDER_1, oops: null } });
  expect(value.errors?.map(({ path, message }) => ({ path, message }))).toEqual([
    { path: ["mine", "oops"], message: "no luck" },
  ]);
  await results.return?.();
});

test("a subgraph that is away during one event costs that event its fields, not the subscription", async () => {
  const { streams, begun, state } = setUp();
  const results = await begun(asUser("u1"));
  state.usersDown = true;
  streams.take(placed(ORDER_1));
  const { value } = (await results.next()) as { value: ExecutionResult };
  expect(value.data?.["update"]).toMatchObject({ id: ORDER_1, customer: { name: null } });
  expect(value.errors).not.toHaveLength(0);
  state.usersDown = false;
  streams.take(placed(ORDER_1));
  expect((await results.next()).value).toMatchObject({ data: { update: { customer: { name: "user u1" } } } });
  await results.return?.();
});

test("a token that expires ends the subscription with a typed error", async () => {
  const { begun } = setUp();
  const alive = setInterval(() => undefined, 1_000);
  const results = await begun(asUser("u1"), QUERY, { id: ORDER_1 }, Date.now() + 5);
  const { value } = (await results.next()) as { value: ExecutionResult };
  expect(value.errors?.[0]?.extensions["code"]).toBe("SUBSCRIPTION_TOKEN_EXPIRED");
  expect(await results.next()).toEqual({ value: undefined, done: true });
  clearInterval(alive);
});

test("a subscriber who leaves while waiting is forgotten at once", async () => {
  const { streams, begun, state } = setUp();
  const results = await begun(asUser("u1"));
  const waiting = results.next();
  await results.return?.();
  expect(await waiting).toEqual({ value: undefined, done: true });
  state.calls.length = 0;
  streams.take(placed(ORDER_1));
  expect(state.calls).toEqual([]);
});

test("a thousand waiting events of one entity are one result: its latest state", async () => {
  const { streams, begun, state } = setUp();
  const results = await begun(asUser("u1"));
  for (let i = 0; i < 1_000; i++) streams.take(placed(ORDER_1));
  state.calls.length = 0;
  await results.next();
  expect(state.calls.filter((name) => name === "orders")).toHaveLength(1);
  await results.return?.();
});

test("the committed supergraph feeds orderUpdated", () => {
  const { fullDocument } = createSupergraphSnapshot(committedSupergraph());
  expect(readEventFields(fullDocument).get("orderUpdated")).toMatchObject({ key: ["orderId"] });
});

test("begins with the state of now, so that a change just before the subscription is not missed", async () => {
  const { running, state } = setUp();
  state.status = "CONFIRMED";
  const results = await running(asUser("u1"));
  expect((await results.next()).value).toMatchObject({ data: { update: { state: "CONFIRMED" } } });
  await results.return?.();
});
