import { connect, type ChannelModel } from "amqplib";
import fc from "fast-check";
import { protocolHeader } from "../amqp/wire/codec";
import { topicMatches } from "../amqp/routing/topic-matches";
import { Broker } from "../amqp/server/broker";
import {
  headerFrame,
  longString,
  methodFrame,
  publishFrame,
  rawFrame,
  RawClient,
  shortString,
} from "./amqp-contract/raw-client";
import { until } from "./until";

jest.setTimeout(30_000);

let broker: Broker;
let url: string;
let witness: ChannelModel;
const clients: RawClient[] = [];

beforeAll(async () => {
  broker = new Broker();
  url = `amqp://guest:guest@127.0.0.1:${await broker.listen(0)}`;
  witness = await connect(url);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

afterAll(async () => {
  await witness.close();
  await broker.close();
});

const keep = (client: RawClient): RawClient => {
  clients.push(client);
  return client;
};

/** The others notice nothing: the connection opened before everything else still works. */
async function stillServes(): Promise<void> {
  const channel = await witness.createConfirmChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  channel.sendToQueue(queue, Buffer.from("x"));
  await channel.waitForConfirms();
  expect(await channel.get(queue, { noAck: true })).not.toBe(false);
  await channel.close();
}

it("random bytes, before and after logging in, end that connection and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.boolean(), async (bytes, loggedIn) => {
      const client = keep(loggedIn ? await RawClient.open(url) : new RawClient(url));
      if (!loggedIn) client.write(protocolHeader);
      client.write(Buffer.from(bytes));
      client.close();
      await client.isClosed();
    }),
    { numRuns: 150 },
  );
  await stillServes();
});

it("valid frames with random insides end that connection and nothing else", async () => {
  const frame = fc.record({
    type: fc.constantFrom(1, 1, 1, 2, 3, 8),
    channel: fc.constantFrom(0, 1, 1, 2, 65_535),
    classId: fc.constantFrom(10, 20, 30, 40, 50, 60, 85, 90, 99),
    methodId: fc.constantFrom(10, 11, 20, 21, 30, 31, 40, 50, 60, 70, 71, 72, 80, 90, 100, 110, 120),
    fields: fc.uint8Array({ maxLength: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 8 }), async (frames) => {
      const client = keep(await RawClient.open(url));
      for (const { type, channel, classId, methodId, fields } of frames) {
        const inside = Buffer.from(fields);
        client.write(type === 1 ? methodFrame(channel, classId, methodId, inside) : rawFrame(type, channel, inside));
      }
      const goodbye = methodFrame(0, 10, 50, Buffer.concat([Buffer.from([0, 200]), shortString(""), Buffer.alloc(4)]));
      client.write(goodbye);
      await until("the broker answers or hangs up", () => client.closed || client.received.length > 0);
    }),
    { numRuns: 150 },
  );
  await stillServes();
});

it("a client that never logs in is dropped", async () => {
  const impatient = new Broker({ handshakeTimeoutMs: 300 });
  const itsUrl = `amqp://guest:guest@127.0.0.1:${await impatient.listen(0)}`;
  const silent = keep(new RawClient(itsUrl));
  const halfway = keep(new RawClient(itsUrl));
  halfway.write(protocolHeader);
  await Promise.all([silent.isClosed(), halfway.isClosed()]);
  await impatient.close();
});

it("a body longer than announced is a frame error, and one announced too large is refused before it is sent", async () => {
  const long = keep(await RawClient.open(url));
  long.write(Buffer.concat([publishFrame(1, "k"), headerFrame(1, 3), rawFrame(3, 1, Buffer.from("four"))]));
  expect((await long.next("ConnectionClose")).fields).toMatchObject({ replyCode: 501 });
  const huge = keep(await RawClient.open(url));
  huge.write(Buffer.concat([publishFrame(1, "k"), headerFrame(1, 2 ** 40)]));
  expect((await huge.next("ChannelClose")).fields).toMatchObject({
    replyCode: 406,
    replyText: expect.stringContaining("is larger than configured max size 134217728"),
  });
});

it("more channels than agreed are refused", async () => {
  const client = keep(await RawClient.open(url, { channelMax: 2 }));
  for (const channel of [2, 3]) client.write(methodFrame(channel, 20, 10, shortString("")));
  expect((await client.next("ConnectionClose")).fields).toMatchObject({
    replyCode: 530,
    replyText: expect.stringContaining("has reached the negotiated channel_max (2)"),
  });
});

it("transactions, which this broker does not have, are refused with 540", async () => {
  const client = keep(await RawClient.open(url));
  client.write(methodFrame(1, 90, 10, Buffer.alloc(0)));
  expect((await client.next("ConnectionClose")).fields).toMatchObject({ replyCode: 540, classId: 90, methodId: 10 });
});

it("a client that goes on sending nonsense after it was refused is cut off", async () => {
  const client = keep(await RawClient.open(url));
  client.write(rawFrame(77, 1, Buffer.alloc(1)));
  await client.next("ConnectionClose");
  client.write(rawFrame(77, 1, Buffer.alloc(1)));
  await client.isClosed();
  expect(client.received.filter((frame) => frame.kind === "ConnectionClose")).toEqual([]);
});

it("names like __proto__ are names like any other", async () => {
  const channel = await witness.createConfirmChannel();
  for (const name of ["__proto__", "constructor", "toString"]) {
    await channel.assertExchange(name, "headers", { durable: false });
    await channel.assertQueue(name, { durable: false });
    await channel.bindQueue(name, name, name);
    channel.publish(name, name, Buffer.from(name), {
      headers: JSON.parse('{"__proto__": {"polluted": true}}') as object,
    });
    await channel.waitForConfirms();
    expect(await channel.get(name, { noAck: true })).toMatchObject({ content: Buffer.from(name) });
    await channel.deleteQueue(name);
    await channel.deleteExchange(name);
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  await channel.close();
});

it("a table nested a thousand deep does not end the process", async () => {
  let table = Buffer.alloc(0);
  for (let depth = 0; depth < 1_000; depth++)
    table = Buffer.concat([shortString("t"), Buffer.from("F"), longString(table)]);
  const client = keep(await RawClient.open(url));
  const fields = Buffer.concat([Buffer.alloc(2), shortString("q"), Buffer.from([4]), longString(table)]);
  client.write(methodFrame(1, 50, 10, fields));
  await until("the broker answers", () => client.received.length > 0 || client.closed);
  await stillServes();
});

it("a reader that stops reading holds back its own deliveries only, and gets all when it reads again", async () => {
  const slow = keep(await RawClient.open(url));
  const queue = "slow";
  slow.write(
    methodFrame(1, 50, 10, Buffer.concat([Buffer.alloc(2), shortString(queue), Buffer.from([4]), Buffer.alloc(4)])),
  );
  await slow.next("QueueDeclareOk");
  const noAck = Buffer.from([2]);
  const consume = Buffer.concat([Buffer.alloc(2), shortString(queue), shortString("tag"), noAck, Buffer.alloc(4)]);
  slow.write(methodFrame(1, 60, 20, consume));
  await slow.next("BasicConsumeOk");
  slow.pause();
  const publisher = await witness.createConfirmChannel();
  const count = 200;
  for (let i = 0; i < count; i++) {
    publisher.sendToQueue(queue, Buffer.alloc(256 * 1024));
    if (i % 20 === 19) await publisher.waitForConfirms();
  }
  await stillServes();
  // Most of the 50 MB still wait in the queue rather than in the memory of a socket.
  expect(broker.virtualHost("/").findQueue(queue)?.messageCount).toBeGreaterThan(count / 2);
  slow.resume();
  const delivered = (): number => slow.received.filter((frame) => frame.kind === "BasicDeliver").length;
  await until("everything came", () => delivered() === count);
  await publisher.close();
});

it("a pattern full of # is matched in time proportional to its length", () => {
  const pattern = Array.from({ length: 60 }, (_, index) => (index % 2 ? "a" : "#"));
  const key = Array.from({ length: 120 }, () => "a");
  expect(topicMatches(pattern, key)).toBe(true);
  expect(topicMatches([...pattern, "b"], key)).toBe(false);
});
