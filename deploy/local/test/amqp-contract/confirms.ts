import type { Message } from "amqplib";
import { AmqpSession } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

export function confirmsContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);

  it(
    "every message is confirmed once, also when thousands are in flight",
    session(async (s) => {
      const queue = await s.queue("q", { durable: true });
      const count = 2_000;
      const confirmed: number[] = [];
      for (let index = 0; index < count; index++) {
        s.channel.sendToQueue(queue, Buffer.from("x"), { persistent: true }, (refusal: unknown) => {
          if (!refusal) confirmed.push(index);
        });
      }
      await s.channel.waitForConfirms();
      expect(confirmed.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
      expect((await s.channel.checkQueue(queue)).messageCount).toBe(count);
    }),
  );

  it(
    "an unroutable mandatory message comes back before it is confirmed",
    session(async (s) => {
      const exchange = await s.exchange("events", "topic");
      const happened: string[] = [];
      s.channel.on("return", (message: Message) => {
        const { replyCode, replyText, routingKey } = message.fields as unknown as Record<string, unknown>;
        happened.push(
          `returned ${String(replyCode)} ${String(replyText)} ${String(routingKey)} ${message.content.toString()}`,
        );
      });
      await new Promise<void>((resolve) => {
        s.channel.publish(exchange, "nobody.listens", Buffer.from("lost"), { mandatory: true }, (refusal: unknown) => {
          happened.push(refusal ? "refused" : "confirmed");
          resolve();
        });
      });
      expect(happened).toEqual(["returned 312 NO_ROUTE nobody.listens lost", "confirmed"]);
    }),
  );

  it(
    "an unroutable message that is not mandatory is confirmed and dropped",
    session(async (s) => {
      const exchange = await s.exchange("events", "topic");
      let returned = 0;
      s.channel.on("return", () => returned++);
      await s.publish(exchange, "nobody.listens", "lost");
      expect(returned).toBe(0);
    }),
  );

  it(
    "a routed mandatory message is confirmed without coming back",
    session(async (s) => {
      const queue = await s.queue("q");
      let returned = 0;
      s.channel.on("return", () => returned++);
      await s.publish("", queue, "kept", { mandatory: true });
      expect([returned, await s.drain(queue)]).toEqual([0, ["kept"]]);
    }),
  );
}
