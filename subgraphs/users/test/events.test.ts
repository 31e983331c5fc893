import { randomBytes } from "node:crypto";
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { type Channel, type ChannelModel, connect, type ConsumeMessage } from "amqplib";
import { connectBroker } from "../../../kit/amqp/connect-broker";
import { fromMessage } from "../../../kit/amqp/event-message";
import { createTopology, declareEvents } from "../../../kit/amqp/topology";
import { createLogger } from "../../../kit/log";
import { parseEventData } from "../../../schema/events/parse-event-data";
import { userRegistered } from "../../../schema/events/user-registered";
import { startRelay } from "../events/relay";
import { registerSomeone, startUsers, type TestUsers } from "./start-users";

const log = createLogger("users", "silent");
const topology = createTopology(`test-${randomBytes(6).toString("hex")}`);
const closers: (() => unknown)[] = [];
let brokerUrl: URL;
let users: TestUsers;
let model: ChannelModel;
let channel: Channel;

beforeAll(async () => {
  brokerUrl = new URL(process.env["TEST_AMQP_URL"] ?? "");
  users = await startUsers();
  model = await connect(brokerUrl.href);
  channel = await model.createChannel();
  await declareEvents(channel, topology);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await channel.deleteQueue(topology.log);
  await channel.deleteExchange(topology.events);
  await model.close();
  await users.close();
});

/** Events that arrive from now on. */
async function listen(): Promise<() => Promise<ConsumeMessage>> {
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, topology.events, userRegistered.type);
  const arrived: ConsumeMessage[] = [];
  const waiting: ((message: ConsumeMessage) => void)[] = [];
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const next = waiting.shift();
      if (next) next(message);
      else arrived.push(message);
    },
    { noAck: true },
  );
  closers.push(() => channel.deleteQueue(queue));
  return () =>
    new Promise((resolve) => {
      const message = arrived.shift();
      if (message) resolve(message);
      else waiting.push(resolve);
    });
}

async function relayThrough(url: string) {
  const broker = await connectBroker({ url, log, name: "users-test" });
  closers.push(() => broker.close());
  const relay = startRelay({ databaseUrl: users.databaseUrl, broker, topology, log });
  closers.push(() => relay.close());
}

const countWaiting = async () =>
  Number((await users.source.query<{ count: string }[]>("select count(*) from outbox"))[0]?.count);

it("a registration is told to the platform by an event that keeps its contract and names no personal data", async () => {
  const next = await listen();
  await relayThrough(brokerUrl.href);
  const { user, email } = await registerSomeone(users);
  const message = await next();
  const event = fromMessage(message);
  expect(message.fields.routingKey).toBe("users.user.registered.v1");
  expect(event).toMatchObject({ type: "users.user.registered.v1", source: "/users", subject: user.id });
  expect(event.requestId).toEqual(expect.any(String));
  expect(event.traceparent).toMatch(/^00-/);
  expect(parseEventData(userRegistered, event.data)).toEqual({ userId: user.id });
  expect(JSON.stringify([message.properties, event.data])).not.toContain(email);
});

it("registering works while the broker is away, and the event goes out when it is back", async () => {
  const next = await listen();
  const proxy = await createProxy(brokerUrl);
  await relayThrough(proxy.url);

  const { user } = await registerSomeone(users);
  expect(await countWaiting()).toBe(1);

  await proxy.open();
  expect(fromMessage(await next()).subject).toBe(user.id);
});

/** A port at which the broker is not there until `open`. */
async function createProxy(target: URL): Promise<{ url: string; open: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connectTcp(Number(target.port || 5672), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  const listenOn = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
  const port = await listenOn(0);
  await new Promise((resolve) => server.close(resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return { url: url.href, open: async () => void (await listenOn(port)) };
}
