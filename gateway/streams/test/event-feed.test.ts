import net from "node:net";
import { connect } from "amqplib";
import { type Broker, connectBroker } from "../../../kit/amqp/connect-broker";
import { createPublisher, type EventPublisher } from "../../../kit/amqp/create-publisher";
import type { EventMessage } from "../../../kit/amqp/event-message";
import { createTopology } from "../../../kit/amqp/topology";
import { newId } from "../../../kit/ids";
import { createLogger } from "../../../kit/log";
import { createEventFeed, type EventFeed } from "../event-feed";

const url = process.env["TEST_AMQP_URL"] ?? "";
const log = createLogger("test", "silent");
const topology = createTopology(`t-${newId()}`);
let broker: Broker;
let publisher: EventPublisher;

const event = (n: number): EventMessage => ({
  id: newId(),
  type: "test.thing.happened.v1",
  source: "/test",
  subject: "thing",
  time: new Date().toISOString(),
  data: { n },
});

async function publish(one: EventMessage): Promise<void> {
  while (!(await publisher.publish([one]))[0]) await new Promise(setImmediate);
}

/** A door to the broker that can be slammed. */
async function startProxy() {
  const target = new URL(url);
  const sockets = new Set<net.Socket>();
  let open = true;
  const server = net.createServer((client) => {
    if (!open) return void client.destroy();
    const upstream = net.connect(Number(target.port || 5672), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxied = new URL(url);
  proxied.hostname = "127.0.0.1";
  proxied.port = String((server.address() as net.AddressInfo).port);
  return {
    url: proxied.href,
    slam: () => {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    open: () => (open = true),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Collects what a feed says, and waits for the n-th event. */
function collector() {
  const received: number[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    received,
    onEvent: ({ data }: EventMessage) => {
      received.push((data as { n: number }).n);
      for (const { count, resolve } of waiting) if (received.length >= count) resolve();
    },
    count: (count: number) =>
      new Promise<void>((resolve) => {
        if (received.length >= count) return resolve();
        waiting.push({ count, resolve });
      }),
  };
}

/** Publishes until the feed hears something: from then on it is attached. */
async function attach(feedOptions: { broker: Broker; onEvent: (event: EventMessage) => void }) {
  let heard: () => void;
  const attached = new Promise<void>((resolve) => (heard = resolve));
  const feed = createEventFeed({
    ...feedOptions,
    topology,
    log,
    onEvent: (one) => {
      if ((one.data as { n: number }).n < 0) heard();
      else feedOptions.onEvent(one);
    },
  });
  const probe = setInterval(() => void publish(event(-1)), 20);
  await attached;
  clearInterval(probe);
  return feed;
}

beforeAll(async () => {
  broker = await connectBroker({ url, log, name: "event feed test" });
  publisher = createPublisher(broker, topology);
});

afterAll(async () => {
  await publisher.close();
  await broker.close();
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(topology.log);
  await channel.deleteExchange(topology.events);
  await connection.close();
});

test("hears every event once and in order, also those published while its connection was lost", async () => {
  const proxy = await startProxy();
  const feedBroker = await connectBroker({ url: proxy.url, log, name: "event feed test" });
  const { received, onEvent, count } = collector();
  const feed: EventFeed = await attach({ broker: feedBroker, onEvent });

  for (let n = 0; n < 50; n++) await publish(event(n));
  await count(50);
  proxy.slam();
  for (let n = 50; n < 100; n++) await publish(event(n));
  proxy.open();
  await count(100);
  await publish(event(100));
  await count(101);
  expect(received).toEqual(Array.from({ length: 101 }, (_, n) => n));

  await feed.close();
  await feedBroker.close();
  await proxy.close();
});

test("begins with what comes next, not with the past", async () => {
  await publish(event(1_000));
  const { received, onEvent, count } = collector();
  const feed = await attach({ broker, onEvent });
  await publish(event(1_001));
  await count(1);
  expect(received).toEqual([1_001]);
  await feed.close();
});

test("sets aside a message that is no event and goes on", async () => {
  const { received, onEvent, count } = collector();
  const feed = await attach({ broker, onEvent });
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  for (const body of ["{", "", "null"]) channel.publish(topology.events, "test.thing.happened.v1", Buffer.from(body));
  await channel.waitForConfirms();
  await connection.close();
  await publish(event(7));
  await count(1);
  expect(received).toEqual([7]);
  await feed.close();
});
