import { AmqpSession, connectionError } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

export function quorumContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);
  const quorum = (args: object = {}) => ({ durable: true, arguments: { "x-queue-type": "quorum", ...args } });

  it(
    "delivers in order, confirms, and keeps what is not acknowledged",
    session(async (s) => {
      const queue = await s.queue("q", quorum());
      await s.send(queue, ["a", "b", "c"]);
      const channel = await s.otherChannel();
      await channel.prefetch(2);
      const intake = await s.consume(channel, queue);
      expect(await intake.receive(2)).toEqual(["a", "b"]);
      channel.ack(intake.messages[0]!);
      await intake.receive(3);
      await channel.close();
      await s.holds(queue, 2);
      const later = await s.consume(s.channel, queue);
      expect(await later.receive(2)).toEqual(["b", "c"]);
      expect(later.messages.every((message) => message.fields.redelivered)).toBe(true);
      s.channel.ackAll();
    }),
  );

  it(
    "x-delivery-count says how often a message came back, and the limit sends it to the dead letter exchange",
    session(async (s) => {
      const dead = await s.exchange("dead", "topic");
      const grave = await s.queue("grave");
      await s.channel.bindQueue(grave, dead, "#");
      const work = await s.queue("work", quorum({ "x-delivery-limit": 3, "x-dead-letter-exchange": dead }));
      const counts: unknown[] = [];
      const intake = await s.consume(s.channel, work, {}, (message) => {
        counts.push(message.properties.headers?.["x-delivery-count"]);
        s.channel.reject(message, true);
      });
      await s.send(work, ["poison"], { headers: { kept: true } });
      const message = await s.take(grave);
      await s.channel.cancel(intake.tag);
      expect(counts).toEqual([undefined, 1, 2, 3]);
      expect(message.properties.headers).toMatchObject({ kept: true, "x-first-death-reason": "delivery_limit" });
      expect(message.properties.headers?.["x-death"]).toMatchObject([
        { reason: "delivery_limit", queue: work, count: 1 },
      ]);
    }),
  );

  it(
    "without a dead letter exchange the limit drops the message",
    session(async (s) => {
      const work = await s.queue("work", quorum({ "x-delivery-limit": 1 }));
      let deliveries = 0;
      await s.consume(s.channel, work, {}, (message) => {
        deliveries++;
        s.channel.reject(message, message.content.toString() === "poison");
      });
      await s.send(work, ["poison"]);
      const after = await s.consume(await s.otherChannel(), await s.queue("probe"), { noAck: true });
      await s.send(s.name("probe"), ["x"]);
      await after.receive(1);
      await s.holds(work, 0);
      expect(deliveries).toBe(2);
    }),
  );

  it(
    "a consumer that vanished counts as a failed delivery",
    session(async (s) => {
      const work = await s.queue("work", quorum());
      await s.send(work, ["a"]);
      const connection = await s.connect();
      const intake = await s.consume(await connection.createChannel(), work);
      await intake.receive(1);
      await connection.close();
      const message = await s.take(work);
      expect(message.properties.headers?.["x-delivery-count"]).toBe(1);
    }),
  );

  it(
    "TTL and dead lettering make a delay of a quorum queue too",
    session(async (s) => {
      const target = await s.queue("target", quorum());
      const args = { "x-message-ttl": 100, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": target };
      const delay = await s.queue("delay", quorum(args));
      await s.send(delay, ["later"]);
      const message = await s.take(target);
      expect(message.properties.headers).toMatchObject({ "x-first-death-reason": "expired" });
    }),
  );

  it.each([
    ["a transient queue", { ...quorum(), durable: false }, /invalid property 'non-durable'/],
    ["an exclusive queue", { ...quorum(), exclusive: true }, /invalid property 'exclusive-owner'/],
    ["an auto-delete queue", { ...quorum(), autoDelete: true }, /invalid property 'auto-delete'/],
    ["priorities", quorum({ "x-max-priority": 3 }), /invalid arg 'x-max-priority'.*rabbit_quorum_queue/],
    ["a stream's retention", quorum({ "x-max-age": "1h" }), /invalid arg 'x-max-age'.*rabbit_quorum_queue/],
  ])("%s cannot be a quorum queue", (_what, options, text) =>
    session(async (s) => {
      const channel = await s.otherChannel();
      const refused = channel.assertQueue(s.name("q"), options);
      await expect(refused).rejects.toMatchObject({ code: 406, message: expect.stringMatching(text) });
    })(),
  );

  it(
    "a name is required, and a prefetch for the whole channel is not supported",
    session(async (s) => {
      const nameless = (await s.otherChannel()).assertQueue("", quorum());
      await expect(nameless).rejects.toMatchObject({ code: 406, message: expect.stringContaining("server-named") });
      const queue = await s.queue("q", quorum());
      const connection = await s.connect();
      const closed = connectionError(connection);
      const channel = await connection.createChannel();
      await channel.prefetch(3, true);
      await expect(channel.consume(queue, () => undefined)).rejects.toThrow();
      expect(await closed).toMatchObject({
        code: 540,
        message: expect.stringContaining("does not support global qos"),
      });
    }),
  );
}
