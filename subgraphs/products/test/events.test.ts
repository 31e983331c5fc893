import { connect, type ConsumeMessage } from "amqplib";
import { type Broker, connectBroker } from "../../../kit/amqp/connect-broker";
import { consumeEvents } from "../../../kit/amqp/consume-events";
import { createPublisher, type EventPublisher } from "../../../kit/amqp/create-publisher";
import { type EventMessage, toPublishOptions } from "../../../kit/amqp/event-message";
import { createTopology, declareEvents, declareRetries } from "../../../kit/amqp/topology";
import { newId } from "../../../kit/ids";
import { createDocumentOutboxSource } from "../../../kit/mongo/document-outbox";
import { isMongoAway } from "../../../kit/mongo/is-mongo-away";
import { createRelay } from "../../../kit/outbox/create-relay";
import type { Product } from "../domain/product";
import { onOrderCancelled } from "../events/on-order-cancelled";
import { onOrderPlaced } from "../events/on-order-placed";
import { PRODUCTS, productsOf, RESERVATIONS, reservationsOf } from "../store/documents";
import { createMongoProductStore } from "../store/mongo-product-store";
import { createMongoStockStore } from "../store/mongo-stock-store";
import { makeProduct, makeVariant, store } from "./make-product";
import { createTestDatabase, log, type TestDatabase } from "./test-database";

const url = process.env["TEST_AMQP_URL"] ?? "";
const topology = createTopology(`products-${newId()}`, [["soon", 50]]);
const HANDLERS = ["on-order-placed", "on-order-cancelled"];

let database: TestDatabase;
let broker: Broker;
let publisher: EventPublisher;
let heard: Tap;
let dead: Tap;
let productStore: ReturnType<typeof createMongoProductStore>;
const closing: (() => Promise<unknown>)[] = [];

/** Hears every message of a log from the first on. */
interface Tap {
  readonly messages: ConsumeMessage[];
  until(found: (messages: readonly ConsumeMessage[]) => boolean): Promise<void>;
}

beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  broker = await connectBroker({ url, log, name: "products test" });
  publisher = createPublisher(broker, topology);
  heard = listenTo(topology.log);
  dead = listenTo(topology.deadLog);
  const source = createDocumentOutboxSource({ db, collections: [PRODUCTS, RESERVATIONS] });
  const relay = createRelay({ source, publisher, log });
  const onCommit = () => relay.wake();
  const stock = createMongoStockStore({ db, now: () => new Date(), onCommit });
  productStore = createMongoProductStore({ db, onCommit });
  const consumers = [onOrderPlaced({ stock, log }), onOrderCancelled({ stock, log })].map((handler) =>
    consumeEvents({ broker, topology, service: "products", handler, log, isAway: isMongoAway }),
  );
  closing.push(() => relay.close(), ...consumers.map((consumer) => () => consumer.close()));
  await untilQueuesStand();
});

afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await publisher.close();
  await broker.close();
  await deleteTopology();
  await database.close();
});

function listenTo(stream: string): Tap {
  const messages: ConsumeMessage[] = [];
  const waiting = new Set<() => void>();
  const session = broker.session(`tap of ${stream}`, async (channel) => {
    await declareEvents(channel, topology);
    await declareRetries(channel, topology);
    await channel.prefetch(100);
    await channel.consume(
      stream,
      (message) => {
        if (!message) return;
        channel.ack(message);
        messages.push(message);
        waiting.forEach((check) => check());
      },
      { arguments: { "x-stream-offset": "first" } },
    );
  });
  closing.push(() => session.close());
  const until: Tap["until"] = (found) =>
    new Promise((resolve) => {
      const check = () => {
        if (!found(messages)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { messages, until };
}

/** An event that is published before a handler's queue is bound is not for it. */
async function untilQueuesStand(): Promise<void> {
  const connection = await connect(url);
  for (const handler of HANDLERS) {
    for (let standing = false; !standing;) {
      const channel = await connection.createChannel();
      channel.on("error", () => undefined);
      standing = await channel.checkQueue(topology.handlerQueue("products", handler)).then(
        ({ consumerCount }) => consumerCount > 0,
        () => false,
      );
      await channel.close().catch(() => undefined);
    }
  }
  await connection.close();
}

async function deleteTopology(): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const queues = HANDLERS.map((handler) => topology.handlerQueue("products", handler));
  for (const queue of [...queues, topology.log, topology.deadLog, ...topology.delays.map((delay) => delay.queue)]) {
    await channel.deleteQueue(queue);
  }
  for (const exchange of [topology.events, topology.retry, topology.dead]) await channel.deleteExchange(exchange);
  await connection.close();
}

const event = (type: string, subject: string, data: unknown): EventMessage => ({
  id: newId(),
  type,
  source: "/orders",
  subject,
  time: new Date().toISOString(),
  data,
  requestId: `request of ${subject}`,
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
});
const placed = (orderId: string, product: Product, quantity = 1) =>
  event("orders.order.placed.v1", orderId, {
    orderId,
    userId: newId(),
    lines: product.variants.map(({ id }) => ({ variantId: id, productId: product.id, quantity })),
  });
const cancelled = (orderId: string) =>
  event("orders.order.cancelled.v1", orderId, { orderId, userId: newId(), reason: "CUSTOMER_REQUEST" });

async function publish(...events: EventMessage[]): Promise<void> {
  // The publisher's channel opens in its own time; an event that is not confirmed is published again, as the relay does.
  for (const each of events) while (!(await publisher.publish([each]))[0]) await new Promise(setImmediate);
}

const stored = async (onHand: number): Promise<Product> => {
  const product = makeProduct({ variants: [makeVariant({ onHand })] });
  await store(database.db, product);
  return product;
};
const about = (messages: readonly ConsumeMessage[], subject: string, source = "/products") =>
  messages.filter(
    ({ properties }) =>
      properties.headers?.["cloudEvents_subject"] === subject && properties.headers["cloudEvents_source"] === source,
  );
const bodyOf = (message: ConsumeMessage | undefined): unknown => JSON.parse(message?.content.toString() ?? "null");
const unitsOf = async ({ id }: Product) => {
  const row = await productsOf(database.db).findOne({ _id: id });
  return row?.variants.map(({ reserved, available }) => [reserved, available]);
};

it("answers an order with its reservation, under the order's request id, and empties the outbox", async () => {
  const product = await stored(5);
  const orderId = newId();
  await publish(placed(orderId, product, 2));
  await heard.until((messages) => about(messages, orderId).length > 0);
  const [answer] = about(heard.messages, orderId);
  expect(answer?.fields.routingKey).toBe("products.stock.reserved.v1");
  expect(bodyOf(answer)).toEqual({ orderId });
  expect(answer?.properties.headers?.["requestId"]).toBe(`request of ${orderId}`);
  expect(await unitsOf(product)).toEqual([[2, 3]]);
  await untilOutboxIsEmpty(orderId);
});

/** The mark that an event was published is set after the event was heard. */
async function untilOutboxIsEmpty(orderId: string): Promise<void> {
  for (;;) {
    const row = await reservationsOf(database.db).findOne({ _id: orderId });
    if (row?.outbox.length === 0) return;
  }
}

it("answers an order that it cannot serve with the reason and the lines", async () => {
  const product = await stored(1);
  const orderId = newId();
  await publish(placed(orderId, product, 2));
  await heard.until((messages) => about(messages, orderId).length > 0);
  const [answer] = about(heard.messages, orderId);
  expect(answer?.fields.routingKey).toBe("products.stock.rejected.v1");
  expect(bodyOf(answer)).toEqual({ orderId, reason: "OUT_OF_STOCK", variantIds: [product.variants[0]?.id] });
});

it("handles the same delivery many times as once", async () => {
  const product = await stored(5);
  const orderId = newId();
  const order = placed(orderId, product, 2);
  await publish(order, order, order);
  const later = newId();
  await publish(placed(later, product, 1));
  await heard.until((messages) => about(messages, later).length > 0 && about(messages, orderId).length > 0);
  expect(about(heard.messages, orderId)).toHaveLength(1);
  expect(await unitsOf(product)).toEqual([[3, 2]]);
});

it("gives units back when an order is cancelled", async () => {
  const product = await stored(5);
  const orderId = newId();
  await publish(placed(orderId, product, 5));
  await heard.until((messages) => about(messages, orderId).length > 0);
  await publish(cancelled(orderId));
  for (let state = "REJECTED"; state !== "RELEASED";) {
    state = (await reservationsOf(database.db).findOne({ _id: orderId }))?.state ?? "";
  }
  for (let reserved: unknown = 5; reserved !== 0;) reserved = (await unitsOf(product))?.[0]?.[0];
  expect(await unitsOf(product)).toEqual([[0, 5]]);
});

it("tells of created products and new prices, in order for each product", async () => {
  const product = makeProduct({ variants: [makeVariant()] });
  const origin = { requestId: "request-9", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  await productStore.create(product, undefined, origin);
  const variantId = product.variants[0]?.id ?? "";
  let current: Product | undefined = product;
  for (const amountMinor of [1, 2, 3]) {
    const change = { variantId, price: { amountMinor, currency: "EUR" }, expectedVersion: current.version } as const;
    current = await productStore.reprice(current, change, origin);
    if (!current) throw new Error("the product was not repriced");
  }
  await heard.until((messages) => about(messages, product.id).length === 4);
  const told = about(heard.messages, product.id).map((message) => [message.fields.routingKey, bodyOf(message)]);
  expect(told[0]).toEqual(["products.product.created.v1", { productId: product.id, slug: product.slug }]);
  expect(told.slice(1).map(([, body]) => (body as { newPrice: { amountMinor: number } }).newPrice.amountMinor)).toEqual(
    [1, 2, 3],
  );
});

describe("a broken event", () => {
  const line = () => ({ variantId: newId(), productId: newId(), quantity: 1 });
  const order = (given: Record<string, unknown>) => ({ orderId: newId(), userId: newId(), lines: [line()], ...given });

  it.each<[string, () => string]>([
    ["is no JSON", () => "{"],
    ["is null", () => "null"],
    ["is a list", () => "[]"],
    ["has no order id", () => JSON.stringify(order({ orderId: undefined }))],
    ["has an order id of another type", () => JSON.stringify(order({ orderId: { $ne: null } }))],
    ["has no lines", () => JSON.stringify(order({ lines: [] }))],
    ["has lines of another type", () => JSON.stringify(order({ lines: "all" }))],
    ["has a negative quantity", () => JSON.stringify(order({ lines: [{ ...line(), quantity: -1 }] }))],
    ["has half a unit", () => JSON.stringify(order({ lines: [{ ...line(), quantity: 0.5 }] }))],
    ["has a huge quantity", () => JSON.stringify(order({ lines: [{ ...line(), quantity: 1e300 }] }))],
    ["has too many lines", () => JSON.stringify(order({ lines: Array.from({ length: 501 }, line) }))],
    ["hides its keys in a prototype", () => `{"__proto__":${JSON.stringify(order({}))}}`],
    ["names a prototype", () => JSON.stringify(order({})).replace("{", `{"constructor":{"prototype":{"x":1}},`)],
  ])("that %s goes to the dead letters, and the next one is handled", async (_what, body) => {
    const bad = event("orders.order.placed.v1", newId(), {});
    const connection = await connect(url);
    const channel = await connection.createConfirmChannel();
    channel.publish(topology.events, bad.type, Buffer.from(body()), toPublishOptions(bad));
    await channel.waitForConfirms();
    await connection.close();
    const product = await stored(1);
    const next = newId();
    await publish(placed(next, product));
    await heard.until((messages) => about(messages, next).length > 0);
    await dead.until((messages) => messages.some(({ properties }) => properties.messageId === bad.id));
    const letter = dead.messages.find(({ properties }) => properties.messageId === bad.id);
    expect(letter?.properties.headers?.["tributary-dead-reason"]).toEqual(expect.any(String));
    expect(letter?.fields.routingKey).toBe(topology.handlerQueue("products", "on-order-placed"));
  });

  it("that cancels nothing goes to the dead letters, and nothing is reserved or released", async () => {
    const bad = event("orders.order.cancelled.v1", newId(), {
      orderId: "no id",
      userId: newId(),
      reason: "CUSTOMER_REQUEST",
    });
    await publish(bad);
    await dead.until((messages) => messages.some(({ properties }) => properties.messageId === bad.id));
    expect(await reservationsOf(database.db).countDocuments({ _id: "no id" })).toBe(0);
  });
});

it("an event that would break its own contract is not written", async () => {
  const product = makeProduct({ id: "no uuid" });
  await expect(productStore.create(product, undefined, { requestId: "r", traceparent: "t" })).rejects.toThrow(
    /productId must match format "uuid"/,
  );
  expect(await productsOf(database.db).countDocuments({ _id: "no uuid" })).toBe(0);
});
