import type { GraphQLError } from "graphql";
import { Registry } from "prom-client";
import { ClientError } from "../../../../kit/errors";
import type { CostLimit } from "../../../access/cost/cost-limit";
import type { OperationStore } from "../../../execution/operation-store";
import type { Generation } from "../../../generation";
import { PlanLimitError } from "../../../planning/planner";
import { recordingLog } from "../../../test/harness/recording-log";
import type { UpstreamContext } from "../../../upstream/upstream-context";
import { UpstreamFault } from "../../../upstream/upstream-fault";
import { createStreamPreparer } from "../create-stream-preparer";
import type { PreparedStream } from "../prepared-stream";
import { answerOf, asViewer, checked, createShop, eventOf, user } from "./shop";

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
}

function setUp(options: { prepare?: OperationStore["prepare"]; costLimit?: CostLimit; timeoutMs?: number } = {}) {
  const shop = createShop();
  const { log, lines } = recordingLog();
  const metrics = new Registry();
  let taken = 0;
  const { timeoutMs, prepare: prepareOperation, costLimit } = options;
  const preparer = createStreamPreparer({
    upstreams: shop.upstreams,
    log,
    metrics,
    eventsTaken: () => taken,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const { operations } = shop.generation;
  const generation: Generation = {
    ...shop.generation,
    operations: prepareOperation ? { ...operations, prepare: prepareOperation } : operations,
    costLimit,
  };
  const prepare = (
    query: string,
    variables: Record<string, unknown> = {},
    context: UpstreamContext = asViewer(user("u1")),
  ) => preparer({ checked: checked(generation, query, variables), context });
  const refused = async (query: string, variables?: Record<string, unknown>) => {
    try {
      await prepare(query, variables);
    } catch (error) {
      if (error instanceof ClientError) return { code: error.code, message: error.message, ...error.details };
      throw error;
    }
    throw new Error("it was prepared");
  };
  const metric = async (name: string) => {
    const { values = [] } = (await metrics.getSingleMetric(name)?.get()) ?? {};
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  return { ...shop, lines, prepare, refused, metrics, metric, take: () => taken++ };
}

const answer = (text: string | undefined) => JSON.parse(text ?? "null") as Answer | null;
const resolve = async (stream: PreparedStream, event = changed(), key: string | number = "p1") =>
  answer(await stream.resolve({ key, event }));
const codes = (errors: readonly GraphQLError[] | Answer["errors"]) =>
  errors?.map(({ extensions }) => extensions["code"]);

const changed = () => eventOf("product.changed.v1", { productId: "p1", id: "p1" });
const ordered = () => eventOf("order.changed.v1", { orderId: "o1" });
const priced = (data: unknown = { productId: "p1", price: { amount: 5 }, title: "new" }) =>
  eventOf("product.priced.v1", data);

const PRODUCT = "subscription { productChanged(id: 1) { id title } }";
const YOURS = "subscription { productChanged(id: 1) { id yours } }";
const ORDER = "subscription ($id: ID!) { orderUpdated(orderId: $id) { id status } }";

describe("an answer", () => {
  test("has fields of all subgraphs, aliases that are names of other fields, fragments, variables and conditions", async () => {
    const { prepare } = setUp();
    const query = `subscription Watch($order: ID!, $words: [String!]!, $r1: Filter, $shout: Boolean!, $with: Boolean!) { ...Root }
      fragment Root on Subscription { id: orderUpdated(orderId: $order) { ...Order lines { product { title } } } }
      fragment Order on Order {
        status: id
        found: search(filter: { words: $words, inner: { words: ["fixed"], inner: $r1 } })
        ... on Order @include(if: $shout) { note(shout: $shout) }
        item: product @include(if: $with) { rating }
      }`;
    const variables = { order: "o1", words: ["a", '"'], r1: { words: ["inner"] }, shout: false, with: true };
    expect(await resolve(await prepare(query, variables), ordered(), "o1")).toEqual({
      data: {
        id: {
          status: "o1",
          found: JSON.stringify({ words: ["a", '"'], inner: { words: ["fixed"], inner: { words: ["inner"] } } }),
          item: { rating: 5 },
          lines: [{ product: { title: 'product "p1"' } }],
        },
      },
    });
    const other = await prepare(query, { ...variables, shout: true, with: false });
    const { data } = (await resolve(other, ordered(), "o1")) ?? {};
    expect(data?.["id"]).toMatchObject({ note: "NOTE u1@-" });
    expect(data?.["id"]).not.toHaveProperty("item");
  });

  test("has fields that the owner types differently under one key under that key", async () => {
    const { prepare } = setUp();
    const query =
      "subscription { orderUpdated(orderId: 1) { extras { ... on Gift { amount } ... on Coupon { amount } } } }";
    expect(await resolve(await prepare(query), ordered())).toEqual({
      data: { orderUpdated: { extras: [{ amount: 1 }, { amount: 2 }] } },
    });
  });

  test("has errors at the client's paths, whatever the plan calls the fields", async () => {
    const { prepare } = setUp();
    const query =
      "subscription { status: orderUpdated(orderId: 1) { id oops: broken items: lines { product: broken } } }";
    const result = await resolve(await prepare(query), ordered(), "o1");
    expect(result?.data).toEqual({ status: { id: "o1", oops: null, items: [{ product: null }] } });
    expect(result?.errors).toEqual([
      { message: "no luck", path: ["status", "oops"], extensions: { code: "CONFLICT" } },
      { message: "no luck", path: ["status", "items", 0, "product"], extensions: { code: "CONFLICT" } },
    ]);
  });

  test("is none where the entity is gone, or is not the viewer's", async () => {
    const { prepare } = setUp();
    expect(await (await prepare(PRODUCT)).resolve({ key: "gone", event: changed() })).toBeUndefined();
    const strangers = await prepare(ORDER, { id: "o1" }, asViewer(user("x")));
    expect(await strangers.resolve({ key: "o1", event: ordered() })).toBeUndefined();
  });
});

describe("a field that returns a union", () => {
  const THING =
    "subscription { thingChanged { __typename ... on Product { title yours } ... on Bundle { name products { title } } } }";

  test("is answered with the entity that the event's type says", async () => {
    const { prepare, state } = setUp();
    const stream = await prepare(THING);
    expect(await resolve(stream)).toEqual({
      data: { thingChanged: { __typename: "Product", title: 'product "p1"', yours: "yours u1@-" } },
    });
    const bundle = eventOf("bundle.changed.v1", { id: "b1" });
    expect(await resolve(stream, bundle, "b1")).toEqual({
      data: { thingChanged: { __typename: "Bundle", name: "bundle b1", products: [{ title: 'product "p1"' }] } },
    });
    expect(state.calls).toHaveLength(2);
  });

  test("has as the state of now whichever entity there is, asked in one request", async () => {
    const { prepare, state } = setUp();
    const stream = await prepare(THING);
    expect(answer(await stream.resolve({ key: "gone", event: undefined }))).toMatchObject({
      data: { thingChanged: { __typename: "Bundle" } },
    });
    expect(state.calls).toHaveLength(1);
    expect(await stream.refuse("p1")).toBeUndefined();
  });
});

describe("events that bring their fields along", () => {
  const PRICE = "subscription ($ids: [ID!]!) { changed: priceChanged(ids: $ids) { __typename id price name: title } }";

  test("are answered without asking anyone", async () => {
    const { prepare, state } = setUp();
    expect(await resolve(await prepare(PRICE, { ids: ["p1"] }), priced())).toEqual({
      data: { changed: { __typename: "Product", id: "p1", price: 5, name: "new" } },
    });
    expect(state.calls).toEqual([]);
  });

  test("leave only the rest of the plan to be asked for", async () => {
    const { prepare, state } = setUp();
    const stream = await prepare("subscription { priceChanged(ids: []) { price rating maker { name } } }");
    const event = priced({ price: { amount: 5 }, maker: { name: "m", country: { code: "FR" } } });
    expect(await resolve(stream, event)).toEqual({
      data: { priceChanged: { price: 5, rating: 5, maker: { name: "m" } } },
    });
    expect(state.calls.map(({ subgraph }) => subgraph)).toEqual(["reviews"]);
  });

  test("of one entity are each answered with what they say, in their order", async () => {
    const { prepare } = setUp();
    const stream = await prepare(PRICE, { ids: ["p1"] });
    const amounts = [1, 2, 3];
    const answers = await Promise.all(
      amounts.map((amount) => resolve(stream, priced({ price: { amount }, title: "t" }))),
    );
    expect(answers.map((one) => (one?.data?.["changed"] as { price: number }).price)).toEqual(amounts);
  });

  test.each<[string, string, unknown]>([
    ["asks for more", "subscription { priceChanged(ids: []) { price weight } }", undefined],
    ["has an argument", 'subscription { priceChanged(ids: []) { title price(currency: "EUR") } }', undefined],
    ["is not in the body", "subscription { priceChanged(ids: []) { price title } }", { price: { amount: 1 } }],
    [
      "is deeper than the body",
      "subscription { priceChanged(ids: []) { maker { name } } }",
      { maker: { __proto__: null } },
    ],
  ])("are fetched whole where the selection %s", async (_what, query, data) => {
    const { prepare, state } = setUp();
    const result = await resolve(await prepare(query), priced(data));
    expect(result?.errors).toBeUndefined();
    expect(state.calls.map(({ subgraph }) => subgraph)).toEqual(["products"]);
  });

  test("cannot smuggle in values that do not fit the schema", async () => {
    const { prepare } = setUp();
    const stream = await prepare("subscription { priceChanged(ids: []) { price title } }");
    const wrong = await resolve(stream, priced({ price: { amount: "much" }, title: 'a "title"\n' }));
    expect(wrong?.data).toEqual({ priceChanged: { price: null, title: 'a "title"\n' } });
    expect(codes(wrong?.errors)).toEqual(["SUBGRAPH_RESPONSE_INVALID"]);
  });
});

describe("executions", () => {
  test("of one change are one, for all who have the same key, then and a moment later", async () => {
    const { prepare, state, metric } = setUp();
    const streams = await Promise.all(["u1", "u2", "u3"].map((name) => prepare(PRODUCT, {}, asViewer(user(name)))));
    const event = changed();
    const texts = await Promise.all(streams.map((stream) => stream.resolve({ key: "p1", event })));
    expect(new Set(texts).size).toBe(1);
    expect(await streams[0]?.resolve({ key: "p1", event })).toBe(texts[0]);
    expect(state.calls).toHaveLength(1);
    expect(await metric("gateway_stream_executions_shared_total")).toBe(3);
  });

  test("of the state of now are shared until the next event is taken", async () => {
    const { prepare, state, take } = setUp();
    const stream = await prepare(PRODUCT);
    const now = { key: "p1", event: undefined };
    await Promise.all([stream.resolve(now), stream.resolve(now)]);
    await stream.resolve(now);
    expect(state.calls).toHaveLength(1);
    take();
    await stream.resolve(now);
    expect(state.calls).toHaveLength(2);
  });

  test("of one entity come one after the other, so that an older state never overtakes a newer one", async () => {
    const { prepare, state } = setUp();
    const stream = await prepare("subscription { orderUpdated(orderId: 1) { status } }");
    let release = () => {};
    state.answers = new Promise((done) => (release = done));
    const first = resolve(stream, ordered(), "o1");
    while (state.calls.length === 0) await new Promise((soon) => setImmediate(soon));
    state.status = "CONFIRMED";
    const others = [resolve(stream, ordered(), "o1"), resolve(stream, ordered(), "o1")];
    await new Promise((soon) => setImmediate(soon));
    expect(state.calls).toHaveLength(1);
    release();
    expect(await first).toEqual({ data: { orderUpdated: { status: "PENDING" } } });
    for (const other of others) expect(await other).toEqual({ data: { orderUpdated: { status: "CONFIRMED" } } });
    // Both events had happened before the second execution began.
    expect(state.calls).toHaveLength(2);
  });

  test("go on when the client who was first leaves", async () => {
    const { prepare } = setUp();
    const leaving = new AbortController();
    const leader = await prepare(YOURS, {}, { ...asViewer(user("u1")), signal: leaving.signal });
    const follower = await prepare(YOURS);
    expect(leader.executionKey).toBe(follower.executionKey);
    const event = changed();
    const both = [leader, follower].map((stream) => resolve(stream, event));
    leaving.abort();
    for (const one of await Promise.all(both))
      expect(one?.data).toMatchObject({ productChanged: { yours: "yours u1@-" } });
  });

  test("belong to the event's trace, and to no client's request", async () => {
    const { prepare, state } = setUp();
    const traceparent = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01";
    const event = { ...changed(), traceparent, requestId: "somebody-else" };
    await resolve(await prepare("subscription { productChanged(id: 1) { title yourReview } }"), event);
    expect(state.calls.map(({ subgraph }) => subgraph)).toEqual(["products", "reviews"]);
    for (const call of state.calls) {
      expect(call.traceparent).toBe(traceparent);
      expect(call.headers["x-event-id"]).toBe(event.id);
      expect(["the-client", "somebody-else"]).not.toContain(call.requestId);
    }
    expect(new Set(state.calls.map(({ requestId }) => requestId)).size).toBe(1);
  });

  test("take over neither a trace nor an id that is no header", async () => {
    const { prepare, state } = setUp();
    const event = { ...changed(), id: "a\r\nx-tenant: b", traceparent: "00-x\r\n" };
    expect(await resolve(await prepare(PRODUCT), event)).toMatchObject({ data: {} });
    expect(state.calls[0]?.headers["x-event-id"]).toMatch(/^[0-9a-f]{64}$/);
    expect(state.calls[0]?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  test("need no planner once the stream is prepared", async () => {
    let prepared = 0;
    const { generation } = createShop();
    const { prepare } = setUp({
      prepare: (source) =>
        prepared++ === 0 ? generation.operations.prepare(source) : Promise.reject(new Error("the planner is gone")),
    });
    const stream = await prepare(PRODUCT);
    for (let i = 0; i < 2; i++) expect(await resolve(stream)).toMatchObject({ data: {} });
  });

  test("are measured by what came of them", async () => {
    const { prepare, state, metrics } = setUp();
    const stream = await prepare(PRODUCT);
    await resolve(stream);
    await resolve(stream, changed(), "gone");
    state.scripts.set("products", () => new UpstreamFault("deadline", "late"));
    await resolve(stream);
    const text = await metrics.metrics();
    for (const outcome of ["whole", "none", "errors"]) {
      expect(text).toContain(`gateway_stream_execution_seconds_count{outcome="${outcome}"} 1`);
    }
  });
});

describe("what one event makes different streams ask", () => {
  const QUERIES = [
    'subscription ($currency: String = "EUR") { productChanged(id: 1) { yours price(currency: $currency) } }',
    'subscription ($currency: String = "X") { productChanged(id: 1) { yours cost: price(currency: $currency) } }',
    "subscription { renamed: productChanged(id: 1) { yours box { owner } } }",
    "subscription { productChanged(id: 1) { yours box { owner } } }",
    "subscription { thingChanged { ... on Product { yours weight } } }",
  ];

  test("travels in one request of each identity, and every stream gets its own part of the answer", async () => {
    const { prepare, state, metric } = setUp();
    const contexts = [asViewer(user("u1")), asViewer(user("u2")), asViewer(user("u1"), { "x-tenant": "a" })];
    const streams = await Promise.all(
      contexts.flatMap((context) => QUERIES.map((query) => prepare(query, {}, context))),
    );
    const event = changed();
    const answers = await Promise.all(streams.map((stream) => resolve(stream, event)));
    expect(state.calls).toHaveLength(contexts.length);
    expect(await metric("gateway_stream_entity_requests_total")).toBe(contexts.length);
    expect(await metric("gateway_stream_entity_questions_total")).toBe(streams.length);
    ["u1@-", "u2@-", "u1@a"].forEach((who, i) => {
      const yours = `yours ${who}`;
      expect(answers.slice(i * QUERIES.length, (i + 1) * QUERIES.length)).toEqual([
        { data: { productChanged: { yours, price: 100 } } },
        { data: { productChanged: { yours, cost: -1 } } },
        { data: { renamed: { yours, box: { owner: `box ${who}` } } } },
        { data: { productChanged: { yours, box: { owner: `box ${who}` } } } },
        { data: { thingChanged: { yours, weight: 7 } } },
      ]);
    });
    // Equal questions are asked once, whatever the clients call the field.
    const { query } = JSON.parse(state.calls[0]?.body ?? "{}") as { query: string };
    expect(query.match(/_entities/g)).toHaveLength(QUERIES.length - 1);
  });

  test("about several entities travels in one list", async () => {
    const { prepare, state } = setUp();
    const stream = await prepare(YOURS);
    const event = changed();
    const ids = ["p1", "gone", "p3"];
    const texts = await Promise.all(ids.map((key) => stream.resolve({ key, event })));
    expect(texts.map((text) => answer(text)?.data?.["productChanged"])).toEqual([
      { id: "p1", yours: "yours u1@-" },
      undefined,
      { id: "p3", yours: "yours u1@-" },
    ]);
    expect(state.calls).toHaveLength(1);
  });

  test("fails alone where the subgraph takes only one of the questions", async () => {
    const { prepare, state } = setUp();
    state.scripts.set("orders", (request) => {
      const { query } = JSON.parse(request.body) as { query: string };
      if (query.includes("secret")) return answerOf({ errors: [{ message: "Cannot query secret" }] }, request);
      return answerOf({ data: { _entities: [{ id: "o1", status: "PENDING" }] } }, request);
    });
    const streams = [
      await prepare(ORDER, { id: "o1" }),
      await prepare("subscription { orderUpdated(orderId: 1) { id secret } }"),
    ];
    const event = ordered();
    const [good, bad] = await Promise.all(streams.map((stream) => resolve(stream, event, "o1")));
    expect(good).toEqual({ data: { orderUpdated: { id: "o1", status: "PENDING" } } });
    expect(bad?.data).toEqual({ orderUpdated: null });
    expect(codes(bad?.errors)).toEqual(["INTERNAL_SERVER_ERROR"]);
    expect(state.calls).toHaveLength(3);
  });

  test("fails as a whole, each with the same typed error, where the subgraph is away", async () => {
    const { prepare, state, lines } = setUp();
    state.scripts.set("products", () => new UpstreamFault("connection", "10.0.0.7 refused"));
    const streams = await Promise.all(QUERIES.map((query) => prepare(query)));
    const event = changed();
    const answers = await Promise.all(streams.map((stream) => resolve(stream, event)));
    for (const one of answers) expect(codes(one?.errors)).toEqual(["SUBGRAPH_UNAVAILABLE"]);
    expect(state.calls).toHaveLength(1);
    expect(JSON.stringify(answers)).not.toContain("10.0.0.7");
    // Once for each field, however many executions there were.
    expect(lines.filter(({ eventId }) => eventId === event.id).map(({ field }) => field)).toEqual([
      "productChanged",
      "thingChanged",
    ]);
    state.scripts.clear();
    for (const stream of streams) expect((await resolve(stream))?.errors).toBeUndefined();
  });
});

describe("an owner that misbehaves during an event", () => {
  const invalid = ["SUBGRAPH_RESPONSE_INVALID"];

  test.each<[string, unknown, unknown, readonly string[]]>([
    ["null for the list", { data: { _entities: null } }, null, invalid],
    ["another object", { data: { products: [] } }, null, invalid],
    ["too short a list", { data: { _entities: [] } }, null, invalid],
    ["a text for the entity", { data: { _entities: ["p1"] } }, null, invalid],
    ["a list for the entity", { data: { _entities: [[{ id: "p1" }]] } }, null, invalid],
    ["an entity without its fields", { data: { _entities: [{}] } }, null, invalid],
    ["a wrong type", { data: { _entities: [{ id: "p1", title: { a: 1 } }] } }, null, invalid],
    ["no data and an error", { data: null, errors: [{ message: "SELECT * FROM x" }] }, null, ["INTERNAL_SERVER_ERROR"]],
    [
      "data and an error that names no field",
      { data: { _entities: [{ id: "p1", title: "t" }] }, errors: [{ message: "x", extensions: { code: "CONFLICT" } }] },
      { id: "p1", title: "t" },
      ["CONFLICT"],
    ],
    [
      "no entity and an error at it",
      { data: { _entities: [null] }, errors: [{ message: "boom at 10.0.0.7", path: ["_entities", 0] }] },
      null,
      ["INTERNAL_SERVER_ERROR"],
    ],
  ])("%s is that event's typed error", async (_what, reply, data, expected) => {
    const { prepare, state, lines } = setUp();
    const stream = await prepare(PRODUCT);
    state.scripts.set("products", (request) => answerOf(reply, request));
    const event = changed();
    const result = await resolve(stream, event);
    expect(result?.data).toEqual({ productChanged: data });
    expect(codes(result?.errors)).toEqual(expected);
    expect(JSON.stringify(result)).not.toMatch(/SELECT|10\.0\.0\.7|_entities/);
    expect(lines.filter(({ eventId }) => eventId === event.id)).toHaveLength(1);
    state.scripts.clear();
    expect(await resolve(stream)).toEqual({ data: { productChanged: { id: "p1", title: 'product "p1"' } } });
  });

  test("is no reason to fail another viewer's stream", async () => {
    const { prepare, state } = setUp();
    state.scripts.set("products", (request, { viewer }) =>
      answerOf(
        viewer?.subject === "u1"
          ? { errors: [{ message: "no" }] }
          : { data: { _entities: [{ id: "p1", yours: "mine" }] } },
        request,
      ),
    );
    const event = changed();
    const [first, second] = await Promise.all(
      ["u1", "u2"].map(async (name) => resolve(await prepare(YOURS, {}, asViewer(user(name))), event)),
    );
    expect(first?.errors).toHaveLength(1);
    expect(second).toEqual({ data: { productChanged: { id: "p1", yours: "mine" } } });
  });

  test("that never answers is given up at the execution's deadline, and the next event is whole", async () => {
    const { prepare, state, lines } = setUp({ timeoutMs: 20 });
    const alive = setInterval(() => undefined, 1_000);
    const stream = await prepare(PRODUCT);
    state.scripts.set("products", () => new Promise(() => undefined));
    const event = changed();
    const result = await resolve(stream, event);
    expect(codes(result?.errors)).toEqual(["SUBGRAPH_UNAVAILABLE"]);
    expect(lines.some(({ eventId }) => eventId === event.id)).toBe(true);
    state.scripts.clear();
    expect(await resolve(stream)).toMatchObject({ data: { productChanged: { id: "p1" } } });
    clearInterval(alive);
  });

  test("and a fault of the gateway itself is logged with the event, and told as nothing but that", async () => {
    const { generation } = createShop();
    const { prepare, lines } = setUp({
      prepare: async (source) => ({
        ...(await generation.operations.prepare(source)),
        execute: () => Promise.reject(new Error("secret")),
      }),
    });
    const event = changed();
    const result = await resolve(await prepare(PRODUCT), event);
    expect(result).toEqual({
      data: null,
      errors: [
        {
          message: "Unexpected error.",
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) as string },
        },
      ],
    });
    expect(lines.at(-1)).toMatchObject({ eventId: event.id, err: { message: "secret" } });
  });
});

describe("who may watch an entity", () => {
  test("is for its owner to say", async () => {
    const { prepare, state } = setUp();
    const refusalOf = async (context: UpstreamContext) =>
      codes(await (await prepare(ORDER, { id: "o1" }, context)).refuse("o1"));
    expect(await refusalOf(asViewer(user("u1")))).toBeUndefined();
    expect(await refusalOf(asViewer(user("staff", { scopes: ["orders:read"] })))).toBeUndefined();
    expect(await refusalOf(asViewer(user("x")))).toEqual(["FORBIDDEN"]);
    expect(await refusalOf(asViewer(undefined))).toEqual(["UNAUTHENTICATED"]);
    state.scripts.set("orders", () => new UpstreamFault("deadline", "late"));
    expect(await refusalOf(asViewer(user("u1")))).toEqual(["SUBGRAPH_UNAVAILABLE"]);
  });

  test("is asked together with the state of now, in one request", async () => {
    const { prepare, state } = setUp();
    const stream = await prepare(ORDER, { id: "o1" });
    const [refusal, text] = await Promise.all([stream.refuse("o1"), stream.resolve({ key: "o1", event: undefined })]);
    expect(refusal).toBeUndefined();
    expect(answer(text)).toMatchObject({ data: { orderUpdated: { status: "PENDING" } } });
    expect(state.calls).toHaveLength(1);
  });

  test("does not depend on signing in where nobody's identity counts", async () => {
    const { prepare } = setUp();
    expect(codes(await (await prepare(PRODUCT, {}, asViewer(undefined))).refuse("gone"))).toEqual(["FORBIDDEN"]);
  });
});

describe("a subscription that cannot run", () => {
  test.each([
    ["@skip", "subscription { productChanged(id: 1) @skip(if: true) { id } }"],
    [
      "@include on a fragment",
      "subscription ($x: Boolean = true) { ... @include(if: $x) { productChanged(id: 1) { id } } }",
    ],
    ["@defer", "subscription { productChanged(id: 1) { ... @defer { id } } }"],
  ])("has its root under a condition, or parts: %s", async (_what, query) => {
    expect(await setUp().refused(query)).toMatchObject({ code: "GRAPHQL_VALIDATION_FAILED" });
  });

  test("has no events", async () => {
    expect(await setUp().refused("subscription { silent { id } }")).toMatchObject({
      code: "SUBSCRIPTION_NOT_SUPPORTED",
    });
  });

  test("costs too much, and is not planned", async () => {
    const { refused } = setUp({
      prepare: () => Promise.reject(new Error("it was planned")),
      costLimit: { refuse: () => new ClientError("OPERATION_LIMIT_EXCEEDED", "Too much.", { cost: 9 }) },
    });
    expect(await refused(PRODUCT)).toEqual({ code: "OPERATION_LIMIT_EXCEEDED", message: "Too much.", cost: 9 });
  });

  test("takes too much to plan", async () => {
    const { refused } = setUp({ prepare: () => Promise.reject(new PlanLimitError("ways to fetch a field", 10)) });
    expect(await refused(PRODUCT)).toMatchObject({ code: "OPERATION_LIMIT_EXCEEDED", max: 10 });
  });

  test("is of an executor that keeps its plans to itself", async () => {
    const { generation } = createShop();
    const { refused } = setUp({
      prepare: async (source) => ({ ...(await generation.operations.prepare(source)), plan: undefined }),
    });
    expect(await refused(PRODUCT)).toMatchObject({ code: "SUBSCRIPTION_NOT_SUPPORTED" });
  });
});

test("the conditions of a field see coerced arguments and the viewer's claims", async () => {
  const { prepare } = setUp();
  const viewer = user("u1", { roles: ["STAFF"], scopes: ["orders:read"], sessionId: "s1" });
  const { args, claims, field } = await prepare(
    "subscription ($ids: [ID!]!) { priceChanged(ids: $ids) { id } }",
    { ids: 7 },
    asViewer(viewer),
  );
  expect(field.name).toBe("priceChanged");
  expect(args).toEqual({ ids: ["7"] });
  expect(claims).toEqual({ sub: "u1", kind: "user", roles: ["STAFF"], scopes: ["orders:read"], sid: "s1" });
  expect((await prepare(PRODUCT, {}, asViewer(undefined))).claims).toEqual({});
});
