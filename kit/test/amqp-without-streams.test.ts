import { connect } from "amqplib";
import { Broker as EmbeddedBroker } from "../../deploy/local/amqp/server/broker";
import { waitUntil } from "../../e2e/harness/wait-until";
import { type Broker, connectBroker } from "../amqp/connect-broker";
import { consumeEvents } from "../amqp/consume-events";
import { createPublisher } from "../amqp/create-publisher";
import type { EventMessage } from "../amqp/event-message";
import { createTopology, declareEvents, declareRetries } from "../amqp/topology";
import { newId } from "../ids";
import { createLogger } from "../log";

const log = createLogger("test", "silent");
const topology = createTopology("", []);
const queue = topology.handlerQueue("test", "on-thing");
const THING = "test.thing.happened.v1";
let server: EmbeddedBroker;
let port: number;
let url: string;
let broker: Broker;
beforeEach(async () => {
  server = new EmbeddedBroker({ streams: false });
  port = await server.listen(0);
  url = `amqp://guest:guest@127.0.0.1:${port}`;
  broker = await connectBroker({ url, log, name: "kit test" });
});
afterEach(async () => {
  await broker.close();
  await server.close();
});

const event = (type = THING): EventMessage => ({
  id: newId(),
  type,
  source: "/test",
  subject: "thing-1",
  time: new Date().toISOString(),
  data: {},
});
const openPublisher = () => createPublisher(broker, topology, [{ name: "test.on-thing", eventTypes: [THING] }]);

test("events are handled, and what is given up is kept in a queue", async () => {
  const publisher = openPublisher();
  const consumer = consumeEvents({
    broker,
    topology,
    service: "test",
    handler: { name: "on-thing", eventTypes: [THING], handle: () => Promise.reject(new Error("never")) },
    log,
    isAway: () => false,
  });
  const given = event();
  await waitUntil("the confirm", async () => (await publisher.publish([given]))[0]);
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const dead = await waitUntil("the dead letter", () => channel.get(topology.deadLog, { noAck: true }));
  expect(dead.properties.messageId).toBe(given.id);
  await consumer.close();
  await publisher.close();
  await connection.close();
});

test("an event that no queue waits for is published, though no gateway listens; one whose queue is gone is not", async () => {
  const publisher = openPublisher();
  await waitUntil("the publisher", async () => (await publisher.publish([event()]))[0]);
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.deleteQueue(queue);
  expect(await publisher.publish([event("test.other.happened.v1"), event()])).toEqual([true, false]);
  await publisher.close();
  await connection.close();
});

test("a server with streams that takes its place is noticed on the next connection", async () => {
  const found: boolean[] = [];
  const session = broker.session("test", async (channel) => {
    const hasLog = await declareEvents(channel, topology);
    await declareRetries(channel, topology);
    found.push(hasLog);
  });
  await waitUntil("the first declaration", () => found.length === 1);
  await server.close();
  server = new EmbeddedBroker();
  await server.listen(port);
  await waitUntil("the next one", () => found.length === 2);
  expect(found).toEqual([false, true]);
  await session.close();
});
