import path from "node:path";
import { connect, type ConsumeMessage } from "amqplib";
import { forkService, type Service } from "../../../deploy/local/fork-service";
import { createTopology, declareEvents } from "../../../kit/amqp/topology";
import { newId } from "../../../kit/ids";
import { createTestDatabase, type TestDatabase } from "../../../kit/test/postgres-database";
import { askSubgraph } from "../../../kit/test/subgraph-client";
import { listenersOf } from "../../../schema/events/catalogue";
import { DEMO_ACCOUNTS } from "../../../schema/demo";
import { type FakeProducts, startFakeProducts } from "./fake-products";
import { user } from "./start-orders";
import { startTcpProxy } from "../../../e2e/harness/tcp-proxy";

const root = path.resolve(__dirname, "../../..");
const file = path.join(root, "dist/subgraphs/orders/main.js");
const secret = "a secret of the test, of thirty-two characters and more";
const namespace = `orders-${newId()}`;
const amqpUrl = process.env["TEST_AMQP_URL"] ?? "";

let database: TestDatabase;
let products: FakeProducts;
const started: Service[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  products = await startFakeProducts(secret);
});
afterEach(async () => {
  for (const service of started.splice(0)) {
    service.kill();
    await service.exited;
  }
});
afterAll(async () => {
  await products.close();
  await database.close();
});

function start(settings: Record<string, string> = {}): { service: Service; output: () => string } {
  let output = "";
  const env = {
    PATH: process.env["PATH"],
    DATABASE_URL: database.url,
    AMQP_URL: amqpUrl,
    AMQP_NAMESPACE: namespace,
    INTERNAL_SECRET: secret,
    PRODUCTS_SUBGRAPH_URL: products.url,
    ...settings,
  };
  const service = forkService({ file, cwd: root, env, onOutput: (text) => void (output += text) });
  started.push(service);
  return { service, output: () => output };
}

/** An address at which nobody listens. */
async function closedPort(): Promise<number> {
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: 1 });
  await proxy.refuse();
  return proxy.port;
}

async function place(port: number, variantId: string): Promise<string> {
  const query = `mutation { placeOrder(input: { lines: [{ variantId: "${variantId}", quantity: 1 }] }) {
    ... on PlaceOrderSuccess { order { id } } ... on Error { message } } }`;
  const { data } = await askSubgraph({ port, name: "orders", secret, viewer: user(), query });
  return (data?.["placeOrder"] as { order: { id: string } }).order.id;
}

it("serves and takes orders while the broker is away; killed, the next process tells of them", async () => {
  const { service } = start({ AMQP_URL: `amqp://127.0.0.1:${await closedPort()}`, SEED_DEMO: "true" });
  const port = await service.listening;
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: { database: "ok" } }]);
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toMatch(/broker_connected\{[^}]*\} 0/);
  const customer = DEMO_ACCOUNTS.find(({ role }) => role === "CUSTOMER")!;
  const query = `{ _entities(representations: [{ __typename: "User", id: "${customer.id}" }]) {
    ... on User { orders { totalCount } } } }`;
  const seen = await askSubgraph({ port, name: "orders", secret, viewer: user(customer.id), query });
  expect(seen.data).toEqual({ _entities: [{ orders: { totalCount: 20 } }] });

  const orderId = await place(port, products.add().id);
  service.kill();
  await service.exited;

  const topology = createTopology(namespace);
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  try {
    await declareEvents(channel, topology);
    await channel.prefetch(10);
    const heard = new Promise<ConsumeMessage>((resolve) => {
      void channel.consume(
        topology.log,
        (message) => {
          if (!message) return;
          channel.ack(message);
          if (message.properties.headers?.["cloudEvents_subject"] === orderId) resolve(message);
        },
        { arguments: { "x-stream-offset": "first" } },
      );
    });
    const next = start().service;
    await next.listening;
    expect((await heard).fields.routingKey).toBe("orders.order.placed.v1");
    await next.close();
    expect(await next.exited).toMatchObject({ code: 0 });

    // Products never ran: its queue has the event all the same.
    const waiting = await channel.get(topology.queueOf("products.on-order-placed"), { noAck: true });
    expect(waiting && waiting.properties.headers?.["cloudEvents_subject"]).toBe(orderId);
  } finally {
    const queues = [
      ...listenersOf("orders").map(({ name }) => name),
      "orders.on-stock-reserved",
      "orders.on-stock-rejected",
    ];
    const delays = topology.delays.map((delay) => delay.queue);
    for (const queue of [...queues.map(topology.queueOf), ...delays, topology.log, topology.deadLog]) {
      await channel.deleteQueue(queue);
    }
    for (const exchange of [topology.events, topology.retry, topology.dead]) await channel.deleteExchange(exchange);
    await connection.close();
  }
});

it("tells clients that the database is away, and is not ready then, but lives", async () => {
  const url = new URL(database.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.host = `127.0.0.1:${proxy.port}`;
  const { service } = start({ DATABASE_URL: url.href, AMQP_URL: `amqp://127.0.0.1:${await closedPort()}` });
  const port = await service.listening;
  const orderId = await place(port, products.add().id);
  await proxy.refuse();

  for (const query of [
    `{ order(id: "${orderId}") { id } }`,
    `mutation { cancelOrder(input: { orderId: "${orderId}" }) { __typename } }`,
  ]) {
    const { errors } = await askSubgraph({ port, name: "orders", secret, viewer: user(), query });
    expect(errors).toEqual([
      expect.objectContaining({
        message: "This part of the shop cannot reach its data now; try again in a moment.",
        extensions: { code: "SERVICE_UNAVAILABLE" },
      }),
    ]);
  }
  expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  await service.close();
  expect(await service.exited).toMatchObject({ code: 0 });
});

it("says every problem of its settings in one go and ends", async () => {
  const { service, output } = start({ DATABASE_URL: "mysql://127.0.0.1", INTERNAL_SECRET: "short", AMQP_URL: "" });
  service.listening.catch(() => undefined);
  expect(await service.exited).toMatchObject({ code: 1 });
  expect(output()).toMatch(/DATABASE_URL: must be a URL that starts with postgres:\/\//);
  expect(output()).toMatch(/AMQP_URL is not set/);
  expect(output()).toMatch(/INTERNAL_SECRET: must be a secret of at least 32 characters/);
  expect(output()).not.toMatch(/short|at .*\.js:\d+/);
});
