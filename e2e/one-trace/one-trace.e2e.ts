import { DEMO_VARIANT } from "../../schema/demo";
import { CUSTOMER } from "../harness/demo";
import { postGraphql, subscribeTo } from "../harness/graphql-client";
import { type Platform, startPlatform } from "../harness/platform";
import { type SentSpan, type SpanReceiver, startSpanReceiver } from "../harness/span-receiver";
import { waitUntil } from "../harness/wait-until";

const CLIENTS_TRACE = "0af7651916cd43dd8448eb211c80319c";
const CLIENTS_SPAN = "b7ad6b7169203331";
const WATCHERS_TRACE = "1bf7651916cd43dd8448eb211c80319d";
const UNSAMPLED_TRACE = "2cf7651916cd43dd8448eb211c80319e";
const LATER_TRACE = "3df7651916cd43dd8448eb211c80319f";
const SECRET_KEY = "order-of-the-story-about-traces";

const PLACE = `mutation PlaceOrder($key: String!, $variantId: ID!) {
  placeOrder(input: { idempotencyKey: $key, lines: [{ variantId: $variantId, quantity: 1 }] }) {
    __typename ... on PlaceOrderSuccess { order { id } } } }`;
interface Placed {
  placeOrder: { __typename: string; order: { id: string } };
}
interface Mine {
  myOrders: { id: string; status: string };
}

const isRequest =
  (traceId: string) =>
  (span: SentSpan): boolean =>
    span.traceId === traceId && span.parentSpanId === CLIENTS_SPAN;

jest.setTimeout(60_000);

describe("with a collector of traces", () => {
  let collector: SpanReceiver;
  let platform: Platform;
  let token: string;
  beforeAll(async () => {
    collector = await startSpanReceiver();
    platform = await startPlatform({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=k1",
        OTEL_BSP_SCHEDULE_DELAY: "100",
        OTEL_SERVICE_NAME: "one name for all",
      },
    });
    token = await platform.signIn(CUSTOMER);
    // The gateway may have started before there was anybody to give it the keys of tokens.
    await waitUntil("tokens to be taken", async () => (await platform.graphql("{ me { id } }", {}, token)).body.data);
  }, 120_000);
  afterAll(async () => {
    await platform?.stop();
    await collector?.close();
  });

  const place = (traceparent: string, key: string) =>
    postGraphql<Placed>(
      `${platform.url}/graphql`,
      { query: PLACE, variables: { key, variantId: DEMO_VARIANT.variantId } },
      token,
      { traceparent },
    );
  const watch = (traceparent?: string) => {
    const live = subscribeTo<Mine>(
      `${platform.url.replace(/^http/, "ws")}/graphql`,
      "subscription Mine { myOrders { id status } }",
      {},
      { authorization: `Bearer ${token}` },
      undefined,
      undefined,
      traceparent === undefined ? undefined : { traceparent },
    );
    return live;
  };
  const child = (what: string, parent: SentSpan, service: string, name: string, attribute?: string) =>
    collector.until(
      what,
      (span) =>
        span.traceId === parent.traceId &&
        span.parentSpanId === parent.spanId &&
        span.service === service &&
        span.name === name &&
        (attribute === undefined || span.attributes[attribute] !== undefined),
    );

  it("tells an order as one trace: client, gateway, transaction, broker, gateway, execution, socket", async () => {
    const traced = watch(`00-${WATCHERS_TRACE}-${CLIENTS_SPAN}-01`);
    const other = watch();
    await platform.untilSubscriptions(2);
    const { body } = await place(`00-${CLIENTS_TRACE}-${CLIENTS_SPAN}-01`, SECRET_KEY);
    const { id } = body.data!.placeOrder.order;
    for (const live of [traced, other]) {
      await live.until("CONFIRMED", ({ myOrders }) => myOrders.id === id && myOrders.status === "CONFIRMED");
    }

    const request = await collector.until("the request", isRequest(CLIENTS_TRACE));
    expect(request).toMatchObject({ traceId: CLIENTS_TRACE, service: "gateway", name: "POST /graphql", kind: 2 });
    expect(request.attributes).toMatchObject({
      "graphql.operation.type": "mutation",
      "graphql.operation.name": "PlaceOrder",
      "http.response.status_code": 200,
    });
    await child("the plan", request, "gateway", "plan");
    const call = await child("the call of orders", request, "gateway", "POST orders");
    const served = await child("the request to orders", call, "orders", "POST /graphql");
    expect([call.kind, served.kind]).toEqual([3, 2]);
    const prices = await child("the question for prices", served, "orders", "POST products");
    await child("the answer to it", prices, "products", "POST /graphql");
    const transaction = await child("the transaction", served, "orders", "place order");

    const placed = "orders.order.placed.v1";
    const publish = await child("the publication", transaction, "orders", `publish ${placed}`);
    expect(publish.kind).toBe(4);
    const reserve = await child("the reservation", publish, "products", `process ${placed}`);
    const settled = await child("its update", reserve, "products", "settle reservation");
    const reserved = "products.stock.reserved.v1";
    const told = await child("its publication", settled, "products", `publish ${reserved}`);
    const handled = await child("its handling", told, "orders", `process ${reserved}`);
    const change = await child("the confirmation", handled, "orders", "change order");
    const confirmed = "orders.order.confirmed.v1";
    const again = await child("its publication", change, "orders", `publish ${confirmed}`);

    // It takes it for webhooks as well, in a span of the same name.
    const lag = "tributary.event.lag_ms";
    const taken = await child("the gateway's taking it for streams", again, "gateway", `process ${confirmed}`, lag);
    expect(taken.kind).toBe(5);
    expect(Number(taken.attributes[lag])).toBeGreaterThanOrEqual(0);
    const execution = await child("the execution", taken, "gateway", "execute myOrders");
    const asked = await child("its question", execution, "gateway", "POST orders");
    await child("the answer", asked, "orders", "POST /graphql");
    const fanOut = await child("the delivery", execution, "gateway", "deliver myOrders");
    expect(fanOut.attributes).toMatchObject({ "tributary.subscribers": 2 });
    const sent = await child("the message to who is traced", execution, "gateway", "send myOrders");
    expect(sent.links).toEqual([expect.objectContaining({ traceId: WATCHERS_TRACE, spanId: CLIENTS_SPAN })]);
    const count = (name: string) => collector.spans.filter((span) => span.name === name).length;
    const messages = traced.results.length;
    expect(count("send myOrders")).toBeLessThanOrEqual(messages);

    const opened = await collector.until("the subscription", ({ traceId }) => traceId === WATCHERS_TRACE);
    expect(opened.attributes).toMatchObject({
      "graphql.operation.type": "subscription",
      "graphql.operation.name": "Mine",
    });
    await Promise.all([traced.close(), other.close()]);
    await platform.untilSubscriptions(0);
  });

  it("records nothing of a trace that its caller does not record, and tells no values, texts or tokens", async () => {
    const { body } = await place(`00-${UNSAMPLED_TRACE}-${CLIENTS_SPAN}-00`, "unsampled");
    expect(body.data?.placeOrder.__typename).toBe("PlaceOrderSuccess");
    await place(`00-${LATER_TRACE}-${CLIENTS_SPAN}-01`, "sampled");
    // Each process sends its spans in the order of their ends.
    const request = await collector.until("a later request", isRequest(LATER_TRACE));
    const call = await child("its call", request, "gateway", "POST orders");
    await child("its end at orders", call, "orders", "POST /graphql");
    expect(collector.spans.filter(({ traceId }) => traceId === UNSAMPLED_TRACE)).toEqual([]);
    const all = JSON.stringify(collector.spans);
    for (const secret of [SECRET_KEY, token, CUSTOMER.email, CUSTOMER.password, "placeOrder(input"]) {
      expect(all).not.toContain(secret);
    }
    expect(new Set(collector.spans.map(({ service }) => service))).toEqual(
      new Set(["gateway", "users", "products", "orders"]),
    );
    expect(collector.headers).toMatchObject({ "x-collector-key": "k1", "content-type": "application/json" });
  });

  it("answers as ever while the collector hangs, and ends in time", async () => {
    collector.hang();
    const before = collector.requests;
    const { body } = await place(`00-${CLIENTS_TRACE}-${CLIENTS_SPAN}-01`, "while-it-hangs");
    expect(body.data?.placeOrder.__typename).toBe("PlaceOrderSuccess");
    await waitUntil("a request that is not answered", () => collector.requests > before);
    platform.supervisor.signal("SIGTERM");
    expect(await platform.supervisor.exited).toEqual({ code: 0, signal: null });
    expect(platform.supervisor.output()).not.toContain("shutdown took too long");
  });
});
