import { connect } from "amqplib";
import { connectBroker, type Broker } from "../amqp/connect-broker";
import { consumeEvents } from "../amqp/consume-events";
import { createPublisher, type EventPublisher } from "../amqp/create-publisher";
import { type EventMessage, MalformedEventError } from "../amqp/event-message";
import { createTopology } from "../amqp/topology";
import { newId } from "../ids";
import { createLogger } from "../log";

const url = process.env["TEST_AMQP_URL"] ?? "";
const log = createLogger("test", "silent");
const namespace = `t-${newId()}`;
const topology = createTopology(namespace, [
  ["1st", 20],
  ["2nd", 20],
]);
const queue = topology.handlerQueue("test", "on-thing");
let broker: Broker;
let publisher: EventPublisher;

const thing = (data: unknown): EventMessage => ({
  id: newId(),
  type: "test.thing.happened.v1",
  source: "/test",
  subject: "thing-1",
  time: new Date().toISOString(),
  data,
  requestId: "request-1",
});

/** Publishes as the relay does: again until the broker has it. */
async function publish(event: EventMessage): Promise<void> {
  while (!(await publisher.publish([event]))[0]) await new Promise(setImmediate);
}

/** Runs a handler until `done` says so, and stops it. */
async function consumeUntil(
  handle: (event: EventMessage) => Promise<void>,
  done: Promise<unknown>,
  isAway = () => false,
) {
  const consumer = consumeEvents({
    broker,
    topology,
    service: "test",
    handler: { name: "on-thing", eventTypes: ["test.thing.happened.v1"], handle },
    log,
    isAway,
  });
  await done;
  await consumer.close();
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** The first message of the dead letters' log that has this id. */
async function deadLetter(id: string): Promise<Record<string, unknown>> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.prefetch(10);
  const found = deferred<Record<string, unknown>>();
  await channel.consume(
    topology.deadLog,
    (message) => {
      if (!message) return;
      channel.ack(message);
      if (message.properties.messageId === id) found.resolve(message.properties.headers ?? {});
    },
    { arguments: { "x-stream-offset": "first" } },
  );
  const headers = await found.promise;
  await connection.close();
  return headers;
}

beforeAll(async () => {
  broker = await connectBroker({ url, log, name: "kit test" });
  publisher = createPublisher(broker, topology, [{ name: "test.on-thing", eventTypes: ["test.thing.happened.v1"] }]);
});

afterAll(async () => {
  await publisher.close();
  await broker.close();
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const name of [queue, topology.log, topology.deadLog, ...topology.delays.map((delay) => delay.queue)]) {
    await channel.deleteQueue(name);
  }
  for (const name of [topology.events, topology.retry, topology.dead]) await channel.deleteExchange(name);
  await connection.close();
});

test("an event arrives as it was published, with the trace that it is part of", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 vendor=1";
  const event = { ...thing({ n: 1 }), traceparent };
  const arrived = deferred<EventMessage>();
  await consumeUntil(
    async (received) => arrived.resolve(received),
    publish(event).then(() => arrived.promise),
  );
  expect(await arrived.promise).toEqual(event);
});

test("a failure is tried again through the delay queues until it succeeds", async () => {
  const succeeded = deferred<number>();
  let attempts = 0;
  const handle = async () => {
    attempts++;
    if (attempts < 3) throw new Error("not yet");
    succeeded.resolve(attempts);
  };
  await consumeUntil(
    handle,
    publish(thing({})).then(() => succeeded.promise),
  );
  expect(await succeeded.promise).toBe(3);
});

test("what keeps failing ends with the dead letters and names the attempts", async () => {
  const event = thing({});
  let attempts = 0;
  const handle = async () => {
    attempts++;
    throw new Error("never");
  };
  const dead = deferred<Record<string, unknown>>();
  await consumeUntil(
    handle,
    publish(event)
      .then(() => deadLetter(event.id))
      .then(dead.resolve),
  );
  expect(await dead.promise).toMatchObject({ "tributary-dead-reason": "attempts used up", "tributary-attempt": 3 });
  expect(attempts).toBe(3);
});

test("an event that the handler calls malformed is dead at once, and the next one is handled", async () => {
  const [bad, good] = [thing({ bad: true }), thing({ good: true })];
  const handled = deferred<string>();
  const handle = async (event: EventMessage) => {
    if (event.id === bad.id) throw new MalformedEventError("the path /orderId is missing");
    handled.resolve(event.id);
  };
  await consumeUntil(
    handle,
    publish(bad)
      .then(() => publish(good))
      .then(() => handled.promise),
  );
  expect(await deadLetter(bad.id)).toMatchObject({
    "tributary-dead-reason": "the path /orderId is missing",
    "tributary-attempt": 1,
  });
});

test.each([
  ["a body that is not JSON", Buffer.from("{"), { cloudEvents_id: "1" }],
  ["no headers at all", Buffer.from("{}"), undefined],
  ["an attribute that is no text", Buffer.from("{}"), { cloudEvents_id: 7, cloudEvents_type: "x" }],
])("a message with %s goes to the dead letters and the consumer goes on", async (_what, body, headers) => {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const id = newId();
  const good = thing({});
  const handled = deferred<void>();
  await consumeUntil(
    async (event) => {
      if (event.id === good.id) handled.resolve();
    },
    (async () => {
      await publish(thing({})); // the exchange and the queue exist from here on
      channel.publish(topology.events, "test.thing.happened.v1", body, {
        messageId: id,
        ...(headers ? { headers } : {}),
      });
      await channel.waitForConfirms();
      await publish(good);
      await handled.promise;
      await deadLetter(id);
    })(),
  );
  await connection.close();
});

test("a store that is away is waited for and uses up no attempt", async () => {
  const done = deferred<number>();
  let attempts = 0;
  const handle = async () => {
    attempts++;
    if (attempts < 4) throw new Error("away");
    done.resolve(attempts);
  };
  await consumeUntil(
    handle,
    publish(thing({})).then(() => done.promise),
    () => true,
  );
  expect(await done.promise).toBe(4);
});

test("a service starts while the broker is away and publishes nothing it cannot confirm", async () => {
  const away = await connectBroker({ url: "amqp://127.0.0.1:1", log, name: "kit test" });
  const waiting = createPublisher(away, topology, []);
  expect(await waiting.publish([thing({})])).toEqual([false]);
  expect(away.connected).toBe(false);
  await waiting.close();
  await away.close();
});
