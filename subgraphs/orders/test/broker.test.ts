import { connect, type ConsumeMessage } from "amqplib";
import { type Broker, connectBroker } from "../../../kit/amqp/connect-broker";
import { consumeEvents, type EventConsumer, type EventHandler } from "../../../kit/amqp/consume-events";
import { createPublisher, type EventPublisher } from "../../../kit/amqp/create-publisher";
import { type EventMessage, fromMessage } from "../../../kit/amqp/event-message";
import { createTopology, declareEvents, declareRetries } from "../../../kit/amqp/topology";
import { newId } from "../../../kit/ids";
import { createRelay } from "../../../kit/outbox/create-relay";
import { isPostgresAway } from "../../../kit/postgres/is-postgres-away";
import { createOutboxTableSource } from "../../../kit/postgres/outbox-table";
import { listenersOf } from "../../../schema/events/catalogue";
import { onStockRejected } from "../events/on-stock-rejected";
import { onStockReserved } from "../events/on-stock-reserved";
import { log, type RunningOrders, startOrders, user } from "./start-orders";
import { startTcpProxy } from "../../../e2e/harness/tcp-proxy";

const url = process.env["TEST_AMQP_URL"] ?? "";
const topology = createTopology(`orders-${newId()}`);
/** The publisher here stands for the one of orders and for the one of products. */
const listeners = [...listenersOf("orders"), ...listenersOf("products")];
const now = () => new Date();

let orders: RunningOrders;
let broker: Broker;
let publisher: EventPublisher;
let tap: Tap;

/** Hears every message of a log (events, dead letters) from the first on. */
interface Tap {
  readonly messages: ConsumeMessage[];
  until(found: (messages: readonly ConsumeMessage[]) => boolean): Promise<void>;
}

beforeAll(async () => {
  orders = await startOrders();
  broker = await connectBroker({ url, log, name: "orders test" });
  publisher = createPublisher(broker, topology, listeners);
  tap = await listenTo(topology.log);
});

afterAll(async () => {
  await publisher.close();
  await broker.close();
  await deleteTopology();
  await orders.close();
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listenTo(log_: string): Promise<Tap> {
  const messages: ConsumeMessage[] = [];
  const waiting = new Set<() => void>();
  const session = broker.session(`tap of ${log_}`, async (channel) => {
    await declareEvents(channel, topology);
    await declareRetries(channel, topology);
    await channel.prefetch(100);
    await channel.consume(
      log_,
      (message) => {
        if (!message) return;
        channel.ack(message);
        messages.push(message);
        waiting.forEach((check) => check());
      },
      { arguments: { "x-stream-offset": "first" } },
    );
  });
  closeAtEnd.push(() => session.close());
  return {
    messages,
    until: (found) =>
      new Promise((resolve) => {
        const check = () => {
          if (!found(messages)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}
const closeAtEnd: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closeAtEnd) await close();
});

async function deleteTopology(): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const handlers = listeners.map(({ name }) => topology.queueOf(name));
  for (const queue of [...handlers, topology.log, topology.deadLog, ...topology.delays.map((delay) => delay.queue)]) {
    await channel.deleteQueue(queue);
  }
  for (const exchange of [topology.events, topology.retry, topology.dead]) await channel.deleteExchange(exchange);
  await connection.close();
}

/** What the tap heard of one order, as short names in the order of arrival. */
const told = (orderId: string) =>
  tap.messages
    .filter((message) => message.properties.headers?.["cloudEvents_subject"] === orderId)
    .map(({ fields }) => fields.routingKey.replace(/^orders\.order\.(\w+)\.v1$/, "$1"));

function startRelay() {
  const source = createOutboxTableSource({ url: orders.databaseUrl });
  const relay = createRelay({ source, publisher, log, pollMs: 20 });
  orders.onCommit = () => relay.wake();
  closing.push(() => relay.close());
  return relay;
}

function startConsumer(handler: EventHandler, by: Broker = broker): EventConsumer {
  const consumer = consumeEvents({ broker: by, topology, service: "orders", handler, log, isAway: isPostgresAway });
  closing.push(() => consumer.close());
  return consumer;
}

const stockEvent = (type: "reserved" | "rejected", orderId: string, data: object = {}): EventMessage => ({
  id: newId(),
  type: `products.stock.${type}.v1`,
  source: "/products",
  subject: orderId,
  time: new Date().toISOString(),
  data: { orderId, ...data },
});

/** As the relay of products does: again until the broker has it. */
async function publish(event: EventMessage): Promise<void> {
  while (!(await publisher.publish([event]))[0]) await new Promise(setImmediate);
}

const statusOf = async (id: string) =>
  (await orders.rows<{ status: string; version: number }>("select status, version from orders where id = $1", [id]))[0];

describe("through the broker", () => {
  it("an order is told of, confirmed by its stock, and its confirmation is told", async () => {
    startRelay();
    startConsumer(onStockReserved({ store: orders.store, now, log }));
    const customer = user();
    const orderId = await orders.place(customer);
    await tap.until(() => told(orderId).length === 1);
    const message = tap.messages.find(({ properties }) => properties.headers?.["cloudEvents_subject"] === orderId)!;
    expect(fromMessage(message)).toMatchObject({
      type: "orders.order.placed.v1",
      source: "/orders",
      requestId: expect.any(String),
      traceparent: expect.any(String),
      data: { orderId, userId: customer.subject, lines: [{ quantity: 1 }] },
    });

    await publish(stockEvent("reserved", orderId));
    await tap.until(() => told(orderId).includes("confirmed"));
    expect(await statusOf(orderId)).toEqual({ status: "CONFIRMED", version: 2 });
  });

  it("a rejected order is cancelled and told of", async () => {
    startRelay();
    startConsumer(onStockRejected({ store: orders.store, now, log }));
    const orderId = await orders.place(user());
    await publish(stockEvent("rejected", orderId, { reason: "OUT_OF_STOCK", variantIds: [newId()] }));
    await tap.until(() => told(orderId).includes("cancelled"));
    expect(told(orderId).filter((name) => !name.startsWith("products"))).toEqual(["placed", "cancelled"]);
    expect(await statusOf(orderId)).toEqual({ status: "CANCELLED", version: 2 });
  });

  it("broken events go to the dead letters, and the next good one is handled", async () => {
    startRelay();
    startConsumer(onStockReserved({ store: orders.store, now, log }));
    const dead = await listenTo(topology.deadLog);
    const orderId = await orders.place(user());

    const good = stockEvent("reserved", orderId);
    const broken: EventMessage[] = [
      { ...stockEvent("reserved", orderId), data: {} },
      { ...stockEvent("reserved", orderId), data: { orderId: { $ne: 1 } } },
      { ...stockEvent("reserved", orderId), data: { orderId: "\u0000" } },
      { ...stockEvent("reserved", orderId), data: JSON.parse(`{"orderId":"${orderId}","__proto__":{"admin":true}}`) },
      { ...stockEvent("reserved", orderId), data: { orderId, constructor: { prototype: { admin: true } } } },
    ];
    for (const event of broken) await publish(event);
    const raw = await connect(url);
    const channel = await raw.createConfirmChannel();
    const queue = topology.handlerQueue("orders", "on-stock-reserved");
    channel.sendToQueue(queue, Buffer.from("{not json"), { messageId: "not-json" });
    channel.sendToQueue(queue, Buffer.from(JSON.stringify({ orderId })), {
      messageId: "unknown-type",
      headers: {
        cloudEvents_id: newId(),
        cloudEvents_type: "products.stock.stolen.v1",
        cloudEvents_source: "/products",
        cloudEvents_subject: orderId,
        cloudEvents_time: new Date().toISOString(),
      },
    });
    await channel.waitForConfirms();
    await raw.close();

    const deadIds = () => dead.messages.map(({ properties }) => String(properties.messageId));
    const expected = [...broken.map(({ id }) => id), "not-json", "unknown-type"];
    await dead.until(() => expected.every((id) => deadIds().includes(id)));
    expect(await statusOf(orderId)).toEqual({ status: "PENDING", version: 1 });

    await publish(good);
    await tap.until(() => told(orderId).includes("confirmed"));
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe("a process killed", () => {
  it("between its commit and the publication is followed by one that publishes", async () => {
    // No relay runs: the process that committed this is gone.
    orders.onCommit = () => undefined;
    const orderId = await orders.place(user());
    expect(told(orderId)).toEqual([]);
    startRelay();
    await tap.until(() => told(orderId).length > 0);
    expect(told(orderId)).toEqual(["placed"]);
  });

  it("between the publication and its mark is followed by one that publishes the same event again, by the same id", async () => {
    const source = createOutboxTableSource({ url: orders.databaseUrl });
    let killed!: () => void;
    const atMark = new Promise<void>((resolve) => (killed = resolve));
    const doomed = createRelay({
      source: {
        ...source,
        markPublished: () => {
          killed();
          return Promise.reject(new Error("killed"));
        },
      },
      publisher,
      log,
      pollMs: 20,
    });
    const orderId = await orders.place(user());
    doomed.wake();
    await atMark;
    await doomed.close();

    const relay = startRelay();
    await tap.until(() => told(orderId).length >= 2);
    await relay.close();
    const ids = tap.messages
      .filter(({ properties }) => properties.headers?.["cloudEvents_subject"] === orderId)
      .map(({ properties }) => String(properties.messageId));
    expect(new Set(ids).size).toBe(1);
    expect(await orders.rows("select 1 from outbox where subject = $1", [orderId])).toEqual([]);
  });

  it("after the commit of a handler and before the acknowledgement gets the event again and changes nothing twice", async () => {
    startRelay();
    const orderId = await orders.place(user());
    const event = stockEvent("reserved", orderId);
    const real = onStockReserved({ store: orders.store, now, log });

    const target = new URL(url);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port || 5672) });
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    const doomedBroker = await connectBroker({ url: through.href, log, name: "doomed orders" });
    let committed!: () => void;
    const afterCommit = new Promise<void>((resolve) => (committed = resolve));
    const doomed = startConsumer(
      {
        ...real,
        handle: async (message) => {
          await real.handle(message);
          if (message.id !== event.id) return;
          await proxy.refuse();
          committed();
        },
      },
      doomedBroker,
    );
    await publish(event);
    await afterCommit;
    await doomed.close();
    await doomedBroker.close();
    expect(await statusOf(orderId)).toEqual({ status: "CONFIRMED", version: 2 });

    let again!: () => void;
    const handledAgain = new Promise<void>((resolve) => (again = resolve));
    startConsumer({
      ...real,
      handle: async (message) => {
        await real.handle(message);
        if (message.id === event.id) again();
      },
    });
    await handledAgain;
    await tap.until(() => told(orderId).includes("confirmed"));
    expect(await statusOf(orderId)).toEqual({ status: "CONFIRMED", version: 2 });
    expect(told(orderId).filter((name) => name === "confirmed")).toHaveLength(1);
    expect(await orders.rows("select consumer from inbox where event_id = $1", [event.id])).toEqual([
      { consumer: "on-stock-reserved" },
    ]);
  });
});
