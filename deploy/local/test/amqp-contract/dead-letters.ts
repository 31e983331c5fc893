import { AmqpSession } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

interface Death {
  count: number;
  reason: string;
  queue: string;
  exchange: string;
  "routing-keys": string[];
  "original-expiration"?: string;
  time: { "!": string; value: number };
}

export function deadLettersContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);
  const deathsOf = (headers: Record<string, unknown> | undefined): Death[] => (headers?.["x-death"] ?? []) as Death[];

  it(
    "a rejected message goes to the dead letter exchange with the record of its death",
    session(async (s) => {
      const dead = await s.exchange("dead", "topic");
      const grave = await s.queue("grave");
      await s.channel.bindQueue(grave, dead, "#");
      const work = await s.queue("work", { durable: true, deadLetterExchange: dead });
      const events = await s.exchange("events", "topic");
      await s.channel.bindQueue(work, events, "order.#");
      await s.publish(events, "order.placed", "bad", { headers: { attempt: 1 }, messageId: "m1", persistent: true });
      const held = await s.channel.get(work);
      if (held) s.channel.reject(held, false);
      const message = await s.take(grave);
      expect(message.content.toString()).toBe("bad");
      expect(message.fields).toMatchObject({ exchange: dead, routingKey: "order.placed" });
      expect(message.properties).toMatchObject({ messageId: "m1", deliveryMode: 2 });
      expect(message.properties.headers).toMatchObject({
        attempt: 1,
        "x-first-death-exchange": events,
        "x-first-death-queue": work,
        "x-first-death-reason": "rejected",
      });
      const [death, ...more] = deathsOf(message.properties.headers);
      expect(more).toEqual([]);
      const { time, ...facts } = death!;
      const expected = { count: 1, reason: "rejected", queue: work, exchange: events };
      expect(facts).toEqual({ ...expected, "routing-keys": ["order.placed"] });
      expect(Math.abs(time.value - Date.now() / 1000)).toBeLessThan(60);
    }),
  );

  it(
    "a queue of TTL and dead lettering is a delay: the message arrives when its time has come",
    session(async (s) => {
      const target = await s.queue("target");
      const delay = await s.queue("delay", {
        messageTtl: 200,
        deadLetterExchange: "",
        deadLetterRoutingKey: target,
      });
      const sentAtMs = Date.now();
      await s.send(delay, ["later"]);
      const message = await s.take(target);
      expect(Date.now() - sentAtMs).toBeGreaterThanOrEqual(190);
      expect(deathsOf(message.properties.headers)[0]).toMatchObject({ reason: "expired", queue: delay, count: 1 });
    }),
  );

  it(
    "a message that expired by itself does not expire again, and its expiration is on record",
    session(async (s) => {
      const grave = await s.queue("grave");
      const work = await s.queue("work", { deadLetterExchange: "", deadLetterRoutingKey: grave });
      await s.send(work, ["brief"], { expiration: "30" });
      const message = await s.take(grave);
      expect(message.properties.expiration).toBeUndefined();
      expect(deathsOf(message.properties.headers)[0]).toMatchObject({ reason: "expired", "original-expiration": "30" });
    }),
  );

  it(
    "what overflows a queue is dead-lettered too",
    session(async (s) => {
      const grave = await s.queue("grave");
      const work = await s.queue("work", { maxLength: 1, deadLetterExchange: "", deadLetterRoutingKey: grave });
      await s.send(work, ["first", "second"]);
      const message = await s.take(grave);
      expect(message.content.toString()).toBe("first");
      expect(deathsOf(message.properties.headers)[0]).toMatchObject({ reason: "maxlen", queue: work });
    }),
  );

  it(
    "a retry loop of two queues counts each round, newest death first",
    session(async (s) => {
      const work = s.name("work");
      const delay = await s.queue("delay", { messageTtl: 20, deadLetterExchange: "", deadLetterRoutingKey: work });
      await s.queue("work", { deadLetterExchange: "", deadLetterRoutingKey: delay });
      await s.send(work, ["again"]);
      const seen: [string, number][][] = [];
      const intake = await s.consume(s.channel, work, {}, (message) => {
        seen.push(deathsOf(message.properties.headers).map(({ reason, count }) => [reason, count]));
        if (seen.length < 4) s.channel.reject(message, false);
        else s.channel.ack(message);
      });
      await intake.receive(4);
      expect(seen).toEqual([
        [],
        [
          ["expired", 1],
          ["rejected", 1],
        ],
        [
          ["expired", 2],
          ["rejected", 2],
        ],
        [
          ["expired", 3],
          ["rejected", 3],
        ],
      ]);
    }),
  );

  it(
    "a message that would go in circles without anybody looking at it is dropped",
    session(async (s) => {
      const queue = await s.queue("q", {
        messageTtl: 20,
        deadLetterExchange: "",
        deadLetterRoutingKey: s.name("q"),
      });
      await s.send(queue, ["round and round"]);
      await s.holds(queue, 0);
      await s.send(queue, ["marker"], { expiration: "5000" });
      expect(await s.drain(queue)).toEqual(["marker"]);
    }),
  );

  it(
    "a dead letter exchange that does not exist loses the message and nothing else",
    session(async (s) => {
      const queue = await s.queue("q", { deadLetterExchange: s.name("nowhere") });
      await s.send(queue, ["a", "b"]);
      const held = await s.channel.get(queue);
      if (held) s.channel.reject(held, false);
      expect(await s.drain(queue)).toEqual(["b"]);
    }),
  );
}
