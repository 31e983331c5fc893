import { until } from "../until";
import { AmqpSession } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

export function consumersContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);
  const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

  it(
    "messages are delivered in the order they were published",
    session(async (s) => {
      const queue = await s.queue("q");
      await s.send(queue, numbers(200));
      const channel = await s.otherChannel();
      const intake = await s.consume(channel, queue, { noAck: true });
      expect(await intake.receive(200)).toEqual(numbers(200));
    }),
  );

  it(
    "a consumer holds no more than its prefetch, and an ack makes room for one",
    session(async (s) => {
      const queue = await s.queue("q");
      await s.send(queue, numbers(10));
      const channel = await s.otherChannel();
      await channel.prefetch(3);
      const intake = await s.consume(channel, queue);
      await intake.receive(3);
      await s.holds(queue, 7);
      channel.ack(intake.messages[0]!);
      await intake.receive(4);
      await s.holds(queue, 6);
      expect(intake.messages).toHaveLength(4);
    }),
  );

  it(
    "a global prefetch is shared by the consumers of a channel",
    session(async (s) => {
      const [one, two] = [await s.queue("one"), await s.queue("two")];
      const channel = await s.otherChannel();
      await channel.prefetch(3, true);
      const intakes = [await s.consume(channel, one), await s.consume(channel, two)];
      const held = (): number => intakes[0]!.messages.length + intakes[1]!.messages.length;
      await s.send(one, numbers(5));
      await s.send(two, numbers(5));
      await until("three messages are held", () => held() === 3);
      const ready = async (): Promise<number> =>
        (await s.channel.checkQueue(one)).messageCount + (await s.channel.checkQueue(two)).messageCount;
      expect(await ready()).toBe(7);
      channel.ackAll();
      await until("three more came", () => held() === 6);
      expect(await ready()).toBe(4);
    }),
  );

  it(
    "what a channel leaves unsettled goes back to its old place, marked as redelivered",
    session(async (s) => {
      const queue = await s.queue("q");
      await s.send(queue, numbers(6));
      const channel = await s.otherChannel();
      await channel.prefetch(4);
      const intake = await s.consume(channel, queue);
      await intake.receive(4);
      channel.ack(intake.messages[1]!);
      await intake.receive(5);
      await channel.close();
      await s.holds(queue, 5);
      const later = await s.consume(s.channel, queue);
      expect(await later.receive(5)).toEqual(["0", "2", "3", "4", "5"]);
      expect(later.messages.map((message) => message.fields.redelivered)).toEqual([true, true, true, true, false]);
      s.channel.ackAll();
    }),
  );

  it(
    "a lost connection gives everything back",
    session(async (s) => {
      const queue = await s.queue("q");
      const connection = await s.connect();
      const channel = await connection.createChannel();
      const intake = await s.consume(channel, queue);
      await s.send(queue, ["a"]);
      await intake.receive(1);
      s.cut(connection);
      const message = await s.take(queue);
      expect(message.fields.redelivered).toBe(true);
    }),
  );

  it(
    "nack with requeue delivers again, several at once when asked, and reject without drops",
    session(async (s) => {
      const queue = await s.queue("q");
      await s.send(queue, numbers(3));
      const channel = await s.otherChannel();
      const intake = await s.consume(channel, queue);
      await intake.receive(3);
      channel.nack(intake.messages[1]!, true, true);
      await intake.receive(5);
      expect(intake.messages.slice(3).map((m) => [m.content.toString(), m.fields.redelivered])).toEqual([
        ["0", true],
        ["1", true],
      ]);
      channel.reject(intake.messages[2]!, false);
      channel.ackAll();
      await channel.close();
      expect(await s.drain(queue)).toEqual([]);
    }),
  );

  it(
    "recover delivers everything unsettled again",
    session(async (s) => {
      const queue = await s.queue("q");
      await s.send(queue, numbers(2));
      const channel = await s.otherChannel();
      const intake = await s.consume(channel, queue);
      await intake.receive(2);
      await channel.recover();
      expect(await intake.receive(4)).toEqual(["0", "1", "0", "1"]);
      channel.ackAll();
    }),
  );

  it(
    "consumers of a queue take turns",
    session(async (s) => {
      const queue = await s.queue("q");
      const [a, b] = [await s.otherChannel(), await s.otherChannel()];
      const intakes = [await s.consume(a, queue, { noAck: true }), await s.consume(b, queue, { noAck: true })];
      for (const number of numbers(20)) await s.send(queue, [number]);
      await until("all came", () => intakes[0]!.messages.length + intakes[1]!.messages.length === 20);
      expect(intakes.map((intake) => intake.messages.length)).toEqual([10, 10]);
    }),
  );

  it(
    "a consumer of higher priority is served first while it has room",
    session(async (s) => {
      const queue = await s.queue("q");
      const [low, high] = [await s.otherChannel(), await s.otherChannel()];
      await high.prefetch(2);
      const spare = await s.consume(low, queue, { priority: 1, noAck: true });
      const preferred = await s.consume(high, queue, { priority: 10 });
      for (const number of numbers(4)) await s.send(queue, [number]);
      expect(await preferred.receive(2)).toEqual(["0", "1"]);
      expect(await spare.receive(2)).toEqual(["2", "3"]);
    }),
  );

  it(
    "with a single active consumer the second one waits until the first is gone",
    session(async (s) => {
      const queue = await s.queue("q", { arguments: { "x-single-active-consumer": true } });
      const [a, b] = [await s.otherChannel(), await s.otherChannel()];
      const active = await s.consume(a, queue, { noAck: true });
      const waiting = await s.consume(b, queue, { noAck: true });
      await s.send(queue, numbers(4));
      await active.receive(4);
      await a.cancel(active.tag);
      await s.send(queue, ["next"]);
      expect(await waiting.receive(1)).toEqual(["next"]);
      expect(active.messages).toHaveLength(4);
    }),
  );

  it(
    "a cancelled consumer gets nothing more and may still settle what it has",
    session(async (s) => {
      const queue = await s.queue("q");
      const channel = await s.otherChannel();
      const intake = await s.consume(channel, queue);
      await s.send(queue, ["a"]);
      await intake.receive(1);
      await channel.cancel(intake.tag);
      await s.send(queue, ["b"]);
      channel.ack(intake.messages[0]!);
      await channel.close();
      expect(await s.drain(queue)).toEqual(["b"]);
    }),
  );

  it(
    "a consumer is told when its queue is deleted",
    session(async (s) => {
      const queue = await s.queue("q");
      const channel = await s.otherChannel();
      const intake = await s.consume(channel, queue);
      await s.channel.deleteQueue(queue);
      await until("the cancellation came", () => intake.cancellations === 1);
      await channel.close();
    }),
  );

  it(
    "basic.get takes one message and says how many are left",
    session(async (s) => {
      const queue = await s.queue("q");
      expect(await s.channel.get(queue)).toBe(false);
      await s.send(queue, numbers(3));
      const message = await s.channel.get(queue, { noAck: true });
      expect(message).toMatchObject({ fields: { messageCount: 2, redelivered: false, routingKey: queue } });
      expect(await s.drain(queue)).toEqual(["1", "2"]);
    }),
  );
}
