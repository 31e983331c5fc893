import { until } from "../until";
import { AmqpSession } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

export function queuesContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);

  async function isGone(s: AmqpSession, queue: string): Promise<boolean> {
    const channel = await (await s.connect()).createChannel();
    channel.on("error", () => undefined);
    const code = await channel.checkQueue(queue).then(
      () => 200,
      (error: { code: number }) => error.code,
    );
    return code === 404;
  }

  it(
    "an exclusive queue gets a name from the server, is closed to others and goes with its connection",
    session(async (s) => {
      const exchange = await s.exchange("events", "topic");
      const connection = await s.connect();
      const channel = await connection.createChannel();
      const { queue } = await channel.assertQueue("", { exclusive: true });
      expect(queue).toMatch(/^amq\.gen-/);
      await channel.bindQueue(queue, exchange, "#");
      await s.publish(exchange, "a", "mine");
      expect(await until("it came", () => channel.get(queue, { noAck: true }))).toMatchObject({
        content: Buffer.from("mine"),
      });
      await expect((await s.otherChannel()).checkQueue(queue)).rejects.toMatchObject({ code: 405 });
      await connection.close();
      await until("the queue is gone", () => isGone(s, queue));
    }),
  );

  it(
    "an auto-delete queue goes with its last consumer, not before it had one",
    session(async (s) => {
      const queue = await s.queue("q", { autoDelete: true });
      const [a, b] = [await s.otherChannel(), await s.otherChannel()];
      const [first, second] = [await s.consume(a, queue), await s.consume(b, queue)];
      await a.cancel(first.tag);
      expect((await s.channel.checkQueue(queue)).consumerCount).toBe(1);
      await b.cancel(second.tag);
      await until("the queue is gone", () => isGone(s, queue));
    }),
  );

  it(
    "x-expires deletes a queue that nobody uses",
    session(async (s) => {
      const queue = await s.queue("q", { expires: 300 });
      const channel = await s.otherChannel();
      const intake = await s.consume(channel, queue);
      const usedUntilMs = Date.now() + 600;
      await until("twice the time has passed with a consumer", () => Date.now() > usedUntilMs);
      expect((await s.channel.checkQueue(queue)).consumerCount).toBe(1);
      await channel.cancel(intake.tag);
      const unusedSinceMs = Date.now();
      // Asking for the queue would be using it; a mandatory message comes back once it is gone.
      let returned = false;
      s.channel.once("return", () => (returned = true));
      await until("the queue is gone", async () => {
        await s.publish("", queue, "anybody there?", { mandatory: true });
        return returned;
      });
      expect(Date.now() - unusedSinceMs).toBeGreaterThanOrEqual(250);
    }),
  );

  it(
    "x-max-length drops the oldest",
    session(async (s) => {
      const queue = await s.queue("q", { maxLength: 3 });
      await s.send(queue, ["0", "1", "2", "3", "4"]);
      await s.holds(queue, 3);
      expect(await s.drain(queue)).toEqual(["2", "3", "4"]);
    }),
  );

  it(
    "x-max-length-bytes counts bodies",
    session(async (s) => {
      const queue = await s.queue("q", { arguments: { "x-max-length-bytes": 25 } });
      await s.send(queue, ["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"]);
      await s.holds(queue, 2);
      expect(await s.drain(queue)).toEqual(["bbbbbbbbbb", "cccccccccc"]);
    }),
  );

  it(
    "with x-overflow reject-publish the publisher is told and the queue keeps what it has",
    session(async (s) => {
      const queue = await s.queue("q", { maxLength: 2, arguments: { "x-overflow": "reject-publish" } });
      const outcomes: boolean[] = [];
      for (const text of ["0", "1", "2"]) {
        outcomes.push(
          await new Promise((resolve) => {
            s.channel.sendToQueue(queue, Buffer.from(text), {}, (refusal: unknown) => resolve(!refusal));
          }),
        );
      }
      expect(outcomes).toEqual([true, true, false]);
      expect(await s.drain(queue)).toEqual(["0", "1"]);
    }),
  );

  it(
    "x-max-priority delivers the more urgent first and keeps order among equals",
    session(async (s) => {
      const queue = await s.queue("q", { maxPriority: 5 });
      for (const [text, priority] of Object.entries({ a1: 1, b1: 1, a5: 5, none: undefined, a9: 9, b5: 5 })) {
        s.channel.sendToQueue(queue, Buffer.from(text), priority === undefined ? {} : { priority });
      }
      await s.channel.waitForConfirms();
      expect(await s.drain(queue)).toEqual(["a5", "a9", "b5", "a1", "b1", "none"]);
    }),
  );

  it(
    "a message's expiration and a queue's TTL end it when their time is over, the shorter one first",
    session(async (s) => {
      const queue = await s.queue("q", { messageTtl: 60_000 });
      await s.send(queue, ["short"], { expiration: "50" });
      await s.holds(queue, 0);
      const brief = await s.queue("brief", { messageTtl: 50 });
      await s.send(brief, ["long"], { expiration: "60000" });
      await s.holds(brief, 0);
    }),
  );

  it(
    "purging empties a queue but not what consumers hold, and deleting says how many were lost",
    session(async (s) => {
      const queue = await s.queue("q");
      await s.send(queue, ["a", "b", "c"]);
      const held = await s.channel.get(queue);
      expect(await s.channel.purgeQueue(queue)).toEqual({ messageCount: 2 });
      if (held) s.channel.nack(held);
      await s.holds(queue, 1);
      expect(await s.channel.deleteQueue(queue)).toEqual({ messageCount: 1 });
      expect(await s.channel.deleteQueue(queue)).toEqual({ messageCount: 0 });
    }),
  );

  it(
    "declaring the same again changes nothing and tells the counts",
    session(async (s) => {
      const options = { durable: true, messageTtl: 60_000, maxLength: 10, deadLetterExchange: "" };
      const queue = await s.queue("q", options);
      await s.send(queue, ["a"]);
      await s.consume(s.channel, await s.queue("other"));
      await s.holds(queue, 1);
      const again = await s.channel.assertQueue(queue, { ...options, arguments: { "x-unknown": "ignored" } });
      expect(again).toEqual({ queue, messageCount: 1, consumerCount: 0 });
    }),
  );
}
