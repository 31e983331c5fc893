import fs from "node:fs";
import path from "node:path";
import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from "amqplib";
import { Broker } from "../amqp/server/broker";
import { startBrokerProcess, type BrokerProcess } from "./amqp-broker-process";
import { useTemporaryFolder } from "./temporary-folder";
import { until } from "./until";

jest.setTimeout(30_000);

const quorum = { durable: true, arguments: { "x-queue-type": "quorum", "x-delivery-limit": 2 } };
const stream = { durable: true, arguments: { "x-queue-type": "stream", "x-stream-max-segment-size-bytes": 4_000 } };

const folder = useTemporaryFolder();
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openChannel(url: string): Promise<{ connection: ChannelModel; channel: ConfirmChannel }> {
  const connection = await connect(url, { noDelay: true });
  connection.on("error", () => undefined);
  closers.push(() => connection.close().catch(() => undefined));
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => undefined);
  return { connection, channel };
}

async function startProcess(): Promise<BrokerProcess> {
  const broker = await startBrokerProcess({ AMQP_DATA_DIR: folder() });
  closers.push(() => broker.kill());
  return broker;
}

/** In this process: for what looks at files rather than at survival. */
async function startHere(compactAboveBytes?: number): Promise<{ broker: Broker; url: string; stop(): Promise<void> }> {
  const broker = new Broker({ dataDirectory: folder(), ...(compactAboveBytes ? { compactAboveBytes } : {}) });
  const url = `amqp://guest:guest@127.0.0.1:${await broker.listen(0)}`;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= broker.close());
  closers.push(stop);
  return { broker, url, stop };
}

async function drain(channel: ConfirmChannel, queue: string): Promise<string[]> {
  const texts: string[] = [];
  for (let message = await channel.get(queue); message; message = await channel.get(queue)) {
    texts.push(message.content.toString());
    channel.ack(message);
  }
  return texts;
}

/** Reads a stream from an offset until `count` messages came: their offsets and texts. */
async function readStream(url: string, queue: string, offset: unknown, count: number): Promise<[number, string][]> {
  const { connection, channel } = await openChannel(url);
  await channel.prefetch(100);
  const read: [number, string][] = [];
  const on = (message: ConsumeMessage | null): void => {
    if (!message) return;
    read.push([Number(message.properties.headers?.["x-stream-offset"]), message.content.toString()]);
    channel.ack(message);
  };
  await channel.consume(queue, on, { arguments: { "x-stream-offset": offset } });
  await until(`${count} messages of the stream came`, () => read.length >= count);
  await connection.close();
  return read;
}

describe("after kill -9", () => {
  it("durable exchanges, queues and bindings are there, and transient or exclusive ones are not", async () => {
    const before = await startProcess();
    const { channel } = await openChannel(before.url);
    await channel.assertExchange("events", "topic", { durable: true });
    await channel.assertExchange("inner", "fanout", { durable: true });
    await channel.assertExchange("passing", "topic", { durable: false });
    await channel.assertQueue("kept", { durable: true, messageTtl: 600_000 });
    await channel.assertQueue("transient", { durable: false });
    await channel.assertQueue("mine", { durable: true, exclusive: true });
    await channel.assertQueue("dropped", { durable: true });
    await channel.bindQueue("kept", "inner", "");
    await channel.bindExchange("inner", "events", "order.#");
    await channel.bindQueue("kept", "events", "cut");
    await channel.unbindQueue("kept", "events", "cut");
    await channel.deleteQueue("dropped");
    await before.kill();

    const after = await startProcess();
    const there = await openChannel(after.url);
    await there.channel.assertQueue("kept", { durable: true, messageTtl: 600_000 });
    there.channel.publish("events", "order.placed", Buffer.from("routed"));
    there.channel.publish("events", "cut", Buffer.from("not routed"));
    await there.channel.waitForConfirms();
    expect(await drain(there.channel, "kept")).toEqual(["routed"]);
    for (const queue of ["transient", "mine", "dropped"]) {
      const probe = await openChannel(after.url);
      await expect(probe.channel.checkQueue(queue)).rejects.toMatchObject({ code: 404 });
    }
    const probe = await openChannel(after.url);
    await expect(probe.channel.checkExchange("passing")).rejects.toMatchObject({ code: 404 });
  });

  it("persistent messages are there in order, settled and transient ones are not", async () => {
    const before = await startProcess();
    const { channel } = await openChannel(before.url);
    await channel.assertQueue("work", { durable: true });
    for (const text of ["acked", "held", "waiting"])
      channel.sendToQueue("work", Buffer.from(text), { persistent: true });
    channel.sendToQueue("work", Buffer.from("transient"));
    await channel.waitForConfirms();
    const acked = await channel.get("work");
    if (acked) channel.ack(acked);
    await channel.get("work");
    await channel.checkQueue("work");
    await before.kill();

    const { channel: later } = await openChannel((await startProcess()).url);
    expect(await drain(later, "work")).toEqual(["held", "waiting"]);
  });

  it("no confirmed message is lost and none is invented, whenever the kill comes", async () => {
    const before = await startProcess();
    const { channel } = await openChannel(before.url);
    await channel.assertQueue("work", quorum);
    await channel.assertQueue("log", stream);
    await channel.assertExchange("events", "fanout");
    for (const queue of ["work", "log"]) await channel.bindQueue(queue, "events", "");
    const confirmed: string[] = [];
    let sent = 0;
    let killed = false;
    const publishSome = (): void => {
      if (killed) return;
      for (let i = 0; i < 20; i++) {
        const text = String(sent++);
        try {
          channel.publish("events", "", Buffer.from(text), { persistent: true }, (refusal: unknown) => {
            if (!refusal) confirmed.push(text);
          });
        } catch {
          return;
        }
      }
      setImmediate(publishSome);
    };
    publishSome();
    await until("hundreds are confirmed", () => confirmed.length > 500);
    await before.kill();
    killed = true;

    const after = await startProcess();
    const { channel: later } = await openChannel(after.url);
    const kept = await drain(later, "work");
    const expected = Array.from({ length: kept.length }, (_, index) => String(index));
    expect(kept).toEqual(expected);
    expect(kept.length).toBeGreaterThanOrEqual(confirmed.length);
    const read = await readStream(after.url, "log", "first", confirmed.length);
    expect(read.slice(0, confirmed.length)).toEqual(confirmed.map((text) => [Number(text), text]));
  });

  it("a stream goes on with the same offsets, over many segments", async () => {
    const before = await startProcess();
    const { channel } = await openChannel(before.url);
    await channel.assertQueue("log", stream);
    const texts = Array.from({ length: 200 }, (_, index) => `${index} ${"x".repeat(100)}`);
    for (const text of texts) channel.sendToQueue("log", Buffer.from(text));
    await channel.waitForConfirms();
    await before.kill();

    const after = await startProcess();
    const { channel: later } = await openChannel(after.url);
    later.sendToQueue("log", Buffer.from("after"));
    await later.waitForConfirms();
    const read = await readStream(after.url, "log", 137, 64);
    expect(read[0]).toEqual([137, texts[137]]);
    expect(read.at(-1)).toEqual([200, "after"]);
    expect(await readStream(after.url, "log", "last", 1)).toEqual([[200, "after"]]);
  });

  it("a quorum queue remembers how often a message failed", async () => {
    const before = await startProcess();
    const { channel } = await openChannel(before.url);
    await channel.assertQueue("work", quorum);
    channel.sendToQueue("work", Buffer.from("poison"));
    await channel.waitForConfirms();
    const held = await channel.get("work");
    if (held) channel.reject(held, true);
    await until("it is back", async () => (await channel.checkQueue("work")).messageCount === 1);
    await before.kill();

    const { channel: later } = await openChannel((await startProcess()).url);
    const message = await later.get("work");
    expect(message).toMatchObject({ properties: { headers: { "x-delivery-count": 1 } } });
  });

  it("a delay goes on where it was", async () => {
    const before = await startProcess();
    const { channel } = await openChannel(before.url);
    await channel.assertQueue("target", quorum);
    const delay = { ...quorum.arguments, "x-message-ttl": 1_500, "x-dead-letter-exchange": "" };
    await channel.assertQueue("delay", {
      durable: true,
      arguments: { ...delay, "x-dead-letter-routing-key": "target" },
    });
    const sentAtMs = Date.now();
    channel.sendToQueue("delay", Buffer.from("later"));
    await channel.waitForConfirms();
    await before.kill();

    const { channel: later } = await openChannel((await startProcess()).url);
    await until("the delayed message came", () => later.get("target"));
    const tookMs = Date.now() - sentAtMs;
    expect(tookMs).toBeGreaterThanOrEqual(1_490);
    expect(tookMs).toBeLessThan(4_000);
  });
});

describe("the broker's files", () => {
  it("the journal is rewritten when most of it is history, and nothing alive is lost by it", async () => {
    const first = await startHere(50_000);
    const { channel } = await openChannel(first.url);
    await channel.assertQueue("work", { durable: true });
    channel.sendToQueue("work", Buffer.from("the survivor"), { persistent: true });
    await channel.waitForConfirms();
    const survivor = await channel.get("work");
    let largestBytes = 0;
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 20; i++) channel.sendToQueue("work", Buffer.alloc(1_000), { persistent: true });
      await channel.waitForConfirms();
      expect(await drain(channel, "work")).toHaveLength(20);
      largestBytes = Math.max(largestBytes, fs.statSync(path.join(folder(), "journal")).size);
    }
    // 800 KB went through; a file is at most the limit and one turn's writes.
    expect(largestBytes).toBeLessThan(120_000);
    expect(survivor).not.toBe(false);
    await first.stop();

    const { channel: later } = await openChannel((await startHere()).url);
    expect(await drain(later, "work")).toEqual(["the survivor"]);
  });

  it("a torn record at the end of journal and stream is cut off, what was whole stays and more can follow", async () => {
    const first = await startHere();
    const { channel } = await openChannel(first.url);
    await channel.assertQueue("work", { durable: true });
    await channel.assertQueue("log", stream);
    for (const text of ["one", "two"]) {
      channel.sendToQueue("work", Buffer.from(text), { persistent: true });
      channel.sendToQueue("log", Buffer.from(text));
    }
    await channel.waitForConfirms();
    await first.stop();
    const segment = path.join(folder(), "streams", fs.readdirSync(path.join(folder(), "streams"))[0]!);
    const files = [path.join(folder(), "journal"), path.join(segment, fs.readdirSync(segment)[0]!)];
    for (const file of files) fs.truncateSync(file, fs.statSync(file).size - 3);

    const second = await startHere();
    const { channel: later } = await openChannel(second.url);
    for (const text of ["three"]) {
      later.sendToQueue("work", Buffer.from(text), { persistent: true });
      later.sendToQueue("log", Buffer.from(text));
    }
    await later.waitForConfirms();
    expect(await drain(later, "work")).toEqual(["one", "three"]);
    expect(await readStream(second.url, "log", "first", 2)).toEqual([
      [0, "one"],
      [1, "three"],
    ]);
    await second.stop();
    const { channel: last } = await openChannel((await startHere()).url);
    expect(await drain(last, "work")).toEqual([]);
  });

  it("garbage behind the last record is ignored", async () => {
    const first = await startHere();
    const { channel } = await openChannel(first.url);
    await channel.assertQueue("work", { durable: true });
    channel.sendToQueue("work", Buffer.from("one"), { persistent: true });
    await channel.waitForConfirms();
    await first.stop();
    fs.appendFileSync(path.join(folder(), "journal"), Buffer.alloc(5_000, 0xff));
    const { channel: later } = await openChannel((await startHere()).url);
    expect(await drain(later, "work")).toEqual(["one"]);
  });

  it("retention deletes files, offsets go on also when everything old is gone, and a deleted stream leaves nothing", async () => {
    const limited = { durable: true, arguments: { ...stream.arguments, "x-max-length-bytes": 8_000 } };
    const first = await startHere();
    const { channel } = await openChannel(first.url);
    await channel.assertQueue("log", limited);
    for (let i = 0; i < 100; i++) channel.sendToQueue("log", Buffer.alloc(500, "x"));
    await channel.waitForConfirms();
    const streams = path.join(folder(), "streams");
    const directory = path.join(streams, fs.readdirSync(streams)[0]!);
    expect(fs.readdirSync(directory).length).toBeLessThanOrEqual(4);
    const { messageCount } = await channel.checkQueue("log");
    expect(messageCount).toBeLessThan(30);
    await first.stop();

    const second = await startHere();
    const { channel: later } = await openChannel(second.url);
    expect((await later.checkQueue("log")).messageCount).toBe(messageCount);
    later.sendToQueue("log", Buffer.from("next"));
    await later.waitForConfirms();
    expect(await readStream(second.url, "log", "last", 1)).toEqual([[100, "next"]]);
    await later.deleteQueue("log");
    expect(fs.readdirSync(streams)).toEqual([]);
  });

  it("without a data directory nothing is left behind", async () => {
    const broker = new Broker();
    const directory = broker.store.directory;
    const { connection, channel } = await openChannel(`amqp://guest:guest@127.0.0.1:${await broker.listen(0)}`);
    await channel.assertQueue("log", stream);
    await connection.close();
    await broker.close();
    expect(fs.existsSync(directory)).toBe(false);
  });
});
