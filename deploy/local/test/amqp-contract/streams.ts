import type { Options } from "amqplib";
import { until } from "../until";
import { AmqpSession, connectionError, type Intake } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

export function streamsContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);
  const stream = (args: object = {}) => ({ durable: true, arguments: { "x-queue-type": "stream", ...args } });
  const offsets = (intake: Intake): unknown[] =>
    intake.messages.map((message) => message.properties.headers?.["x-stream-offset"]);

  /** Reads from where the argument says, with prefetch 10, acknowledging each message. */
  async function read(s: AmqpSession, queue: string, offset: unknown, options: Options.Consume = {}): Promise<Intake> {
    const channel = await s.otherChannel();
    await channel.prefetch(10);
    const args = offset === undefined ? {} : { "x-stream-offset": offset };
    return s.consume(channel, queue, { ...options, arguments: args }, (message) => channel.ack(message));
  }

  /** Rejects when RabbitMQ turns the reader away because it is deleting the segment under its eyes. */
  async function firstOffset(s: AmqpSession, queue: string): Promise<number> {
    const connection = await s.connect();
    const channel = await connection.createChannel();
    await channel.prefetch(1);
    const intake = await s.consume(channel, queue, { arguments: { "x-stream-offset": "first" } });
    await intake.receive(1);
    await channel.close();
    return Number(offsets(intake)[0]);
  }

  /** Each text confirmed before the next is sent: RabbitMQ writes messages together and `last` means the last of those. */
  async function sendOneByOne(s: AmqpSession, queue: string, texts: string[]): Promise<void> {
    for (const text of texts) await s.send(queue, [text]);
  }

  it(
    "every reader gets everything, in order, with its offset, and nothing is taken away",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      await s.send(queue, ["a", "b", "c"], { headers: { kept: 1 } });
      for (let reader = 0; reader < 2; reader++) {
        const intake = await read(s, queue, "first");
        expect(await intake.receive(3)).toEqual(["a", "b", "c"]);
        expect(offsets(intake)).toEqual([0, 1, 2]);
        expect(intake.messages[0]!.properties.headers).toMatchObject({ kept: 1 });
        expect(intake.messages[0]!.fields).toMatchObject({ redelivered: false, exchange: "", routingKey: queue });
      }
    }),
  );

  it(
    "a reader may start at any offset, also one that is yet to come",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      await s.send(queue, ["0", "1", "2", "3", "4"]);
      const middle = await read(s, queue, 3);
      expect(await middle.receive(2)).toEqual(["3", "4"]);
      const ahead = await read(s, queue, 6);
      await s.send(queue, ["5", "6"]);
      expect(await ahead.receive(1)).toEqual(["6"]);
      expect(offsets(ahead)).toEqual([6]);
    }),
  );

  it(
    "`next`, which is the default, starts with what is published from now on",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      await s.send(queue, ["before"]);
      const [said, silent] = [await read(s, queue, "next"), await read(s, queue, undefined)];
      await s.send(queue, ["after"]);
      expect([await said.receive(1), await silent.receive(1)]).toEqual([["after"], ["after"]]);
    }),
  );

  it(
    "`last` starts with the newest that is there",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      await sendOneByOne(s, queue, ["a", "b", "c"]);
      const intake = await read(s, queue, "last");
      await s.send(queue, ["d"]);
      expect(await intake.receive(2)).toEqual(["c", "d"]);
      expect(offsets(intake)).toEqual([2, 3]);
    }),
  );

  it(
    "a timestamp starts with what was published since then, an age with what is no older",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      await s.send(queue, ["old"]);
      const second = Math.floor(Date.now() / 1000) + 1;
      await until("the next second has begun", () => Date.now() >= second * 1000 + 20);
      await s.send(queue, ["new"]);
      const since = await read(s, queue, { "!": "timestamp", value: second });
      expect(await since.receive(1)).toEqual(["new"]);
      const ever = await read(s, queue, { "!": "timestamp", value: 1 });
      expect(await ever.receive(2)).toEqual(["old", "new"]);
      const hour = await read(s, queue, "1h");
      expect(await hour.receive(2)).toEqual(["old", "new"]);
      const future = await read(s, queue, { "!": "timestamp", value: second + 3600 });
      await s.send(queue, ["newer"]);
      expect(await future.receive(1)).toEqual(["newer"]);
    }),
  );

  it(
    "a reader that holds its prefetch gets no more until it acknowledges",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      const texts = Array.from({ length: 30 }, (_, index) => String(index));
      // RabbitMQ 3.10 never delivers a part of what was written together, however small the prefetch.
      await sendOneByOne(s, queue, texts);
      const channel = await s.otherChannel();
      await channel.prefetch(4);
      const intake = await s.consume(channel, queue, { arguments: { "x-stream-offset": "first" } });
      await intake.receive(4);
      // Another reader gets all of it meanwhile: the first one is held by its own prefetch, not by the stream.
      await (await read(s, queue, "first")).receive(30);
      expect(intake.messages).toHaveLength(4);
      const settle = setInterval(() => channel.ackAll(), 5);
      expect(await intake.receive(30).finally(() => clearInterval(settle))).toEqual(texts);
      expect(offsets(intake)).toEqual(texts.map(Number));
    }),
  );

  it(
    "a stream bound to an exchange keeps exchange and key of each message",
    session(async (s) => {
      const exchange = await s.exchange("events", "topic");
      const queue = await s.queue("log", stream());
      await s.channel.bindQueue(queue, exchange, "#");
      await s.publish(exchange, "orders.order.placed.v1", "{}", { messageId: "m", persistent: true });
      const intake = await read(s, queue, "first");
      await intake.receive(1);
      expect(intake.messages[0]!.fields).toMatchObject({ exchange, routingKey: "orders.order.placed.v1" });
      expect(intake.messages[0]!.properties).toMatchObject({ messageId: "m" });
    }),
  );

  it(
    "after a lost connection a reader goes on at the next offset, with no gap and no repeat",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      await s.send(queue, ["0", "1", "2"]);
      const connection = await s.connect();
      const channel = await connection.createChannel();
      await channel.prefetch(2);
      const before = await s.consume(channel, queue, { arguments: { "x-stream-offset": "first" } });
      await before.receive(2);
      s.cut(connection);
      await s.send(queue, ["3"]);
      const after = await read(s, queue, 2);
      expect(await after.receive(2)).toEqual(["2", "3"]);
    }),
  );

  it(
    "retention by size drops the oldest segments, and readers start at what is left",
    session(async (s) => {
      const args = { "x-max-length-bytes": 200_000, "x-stream-max-segment-size-bytes": 50_000 };
      const queue = await s.queue("log", stream(args));
      const body = "x".repeat(5_000);
      const texts = Array.from({ length: 20 }, () => body);
      const first = await until("the oldest are gone", async () => {
        await s.send(queue, texts);
        const offset = await firstOffset(s, queue).catch(() => 0);
        return offset > 0 && { offset };
      });
      const stale = await read(s, queue, 0);
      await stale.receive(1);
      expect(offsets(stale)[0]).toBeGreaterThanOrEqual(first.offset);
    }),
  );

  it(
    "retention by age drops segments whose messages are all older",
    session(async (s) => {
      const queue = await s.queue("log", stream({ "x-max-age": "1s", "x-stream-max-segment-size-bytes": 10_000 }));
      const texts = Array.from({ length: 10 }, () => "x".repeat(2_000));
      await s.send(queue, texts);
      await until("the oldest are gone", async () => {
        await s.send(queue, texts);
        return (await firstOffset(s, queue).catch(() => 0)) > 0;
      });
    }),
  );

  it(
    "a reader is told when the stream is deleted",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      const intake = await read(s, queue, "first");
      await s.channel.deleteQueue(queue);
      await until("the cancellation came", () => intake.cancellations === 1);
    }),
  );

  it.each([
    ["a transient queue", { ...stream(), durable: false }, /invalid property 'non-durable'/],
    ["an exclusive queue", { ...stream(), exclusive: true }, /invalid property 'exclusive-owner'/],
    ["an auto-delete queue", { ...stream(), autoDelete: true }, /invalid property 'auto-delete'/],
    ["a queue with message TTL", stream({ "x-message-ttl": 1 }), /invalid arg 'x-message-ttl'.*rabbit_stream_queue/],
    ["a queue with x-max-length", stream({ "x-max-length": 1 }), /invalid arg 'x-max-length'.*rabbit_stream_queue/],
    ["a queue with dead letters", stream({ "x-dead-letter-exchange": "" }), /invalid arg 'x-dead-letter-exchange'/],
    ["a queue with a numeric age", stream({ "x-max-age": 5 }), /invalid arg 'x-max-age'.*unacceptable_type/],
  ])("%s cannot be a stream", (_what, options, text) =>
    session(async (s) => {
      const refused = (await s.otherChannel()).assertQueue(s.name("q"), options);
      await expect(refused).rejects.toMatchObject({ code: 406, message: expect.stringMatching(text) });
    })(),
  );

  it(
    "a reader must set a prefetch",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      const refused = (await s.otherChannel()).consume(queue, () => undefined);
      const message = expect.stringContaining("consumer prefetch count is not set");
      await expect(refused).rejects.toMatchObject({ code: 406, message });
    }),
  );

  it(
    "an offset that is neither word, number, time nor age is refused",
    session(async (s) => {
      const queue = await s.queue("log", stream());
      const channel = await s.otherChannel();
      await channel.prefetch(1);
      const refused = channel.consume(queue, () => undefined, { arguments: { "x-stream-offset": "3" } });
      const message = expect.stringContaining("invalid_stream_offset_arg");
      await expect(refused).rejects.toMatchObject({ code: 406, message });
    }),
  );

  it.each([
    ["basic.get", "basic.get not supported by stream queues"],
    ["reading without acknowledgement", "automatic acknowledgement not supported by stream queues"],
    ["purging", "queue.purge not supported by stream queues"],
    ["nack", "basic.nack and basic.reject not supported by stream queues"],
  ])("%s is not implemented for streams", (what, text) =>
    session(async (s) => {
      const queue = await s.queue("log", stream());
      await s.send(queue, ["a"]);
      const connection = await s.connect();
      const closed = connectionError(connection);
      const channel = await connection.createChannel();
      channel.on("error", () => undefined);
      await channel.prefetch(1);
      const args = { arguments: { "x-stream-offset": "first" } };
      const attempts: Record<string, () => Promise<unknown>> = {
        "basic.get": () => channel.get(queue),
        "reading without acknowledgement": () => channel.consume(queue, () => undefined, { noAck: true }),
        purging: () => channel.purgeQueue(queue),
        nack: () => channel.consume(queue, (message) => message && channel.nack(message), args),
      };
      await Promise.allSettled([attempts[what]!()]);
      expect(await closed).toMatchObject({ code: 540, message: expect.stringContaining(text) });
    })(),
  );
}
