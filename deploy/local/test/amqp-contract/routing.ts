import { AmqpSession } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

export function routingContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);

  it(
    "a topic pattern takes one word for * and any number of words for #",
    session(async (s) => {
      const exchange = await s.exchange("events", "topic");
      const keys = ["order", "order.created", "order.eu.created", "order.eu.north.created", "product.created", ""];
      const patterns: Record<string, string[]> = {
        "order.*.created": ["order.eu.created"],
        "order.#": ["order", "order.created", "order.eu.created", "order.eu.north.created"],
        "#.created": ["order.created", "order.eu.created", "order.eu.north.created", "product.created"],
        "order.#.created": ["order.created", "order.eu.created", "order.eu.north.created"],
        "*": ["order"],
        "*.*": ["order.created", "product.created"],
        "#": keys,
        "order.created": ["order.created"],
        "#.eu.#": ["order.eu.created", "order.eu.north.created"],
        "#.*": keys.filter((key) => key !== ""),
      };
      const queues = new Map<string, string>();
      for (const [index, pattern] of Object.keys(patterns).entries()) {
        const queue = await s.queue(`pattern${index}`);
        queues.set(pattern, queue);
        await s.channel.bindQueue(queue, exchange, pattern);
      }
      for (const key of keys) s.channel.publish(exchange, key, Buffer.from(key));
      await s.channel.waitForConfirms();
      const seen: Record<string, string[]> = {};
      for (const [pattern, queue] of queues) seen[pattern] = await s.drain(queue);
      expect(seen).toEqual(patterns);
    }),
  );

  it(
    "a direct exchange compares keys, a fanout exchange does not look at them",
    session(async (s) => {
      const [direct, fanout] = [await s.exchange("direct", "direct"), await s.exchange("fanout", "fanout")];
      const [one, two] = [await s.queue("one"), await s.queue("two")];
      await s.channel.bindQueue(one, direct, "a");
      await s.channel.bindQueue(two, direct, "a.#");
      await s.channel.bindQueue(two, fanout, "ignored");
      await s.publish(direct, "a", "to one");
      await s.publish(direct, "a.b", "to nobody");
      await s.publish(fanout, "whatever", "to two");
      expect(await s.drain(one)).toEqual(["to one"]);
      expect(await s.drain(two)).toEqual(["to two"]);
    }),
  );

  it(
    "a headers exchange asks for all or any of its headers, by value or by presence",
    session(async (s) => {
      const exchange = await s.exchange("headers", "headers");
      const bindings: Record<string, object> = {
        all: { "x-match": "all", region: "eu", tier: 2 },
        any: { "x-match": "any", region: "eu", tier: 2 },
        default: { region: "eu" },
        present: { "x-match": "all", tier: null },
      };
      const queues = new Map<string, string>();
      for (const [word, args] of Object.entries(bindings)) {
        queues.set(word, await s.queue(word));
        await s.channel.bindQueue(queues.get(word)!, exchange, "", args);
      }
      await s.publish(exchange, "", "both", { headers: { region: "eu", tier: 2, more: true } });
      await s.publish(exchange, "", "region", { headers: { region: "eu" } });
      await s.publish(exchange, "", "tier", { headers: { tier: 3 } });
      await s.publish(exchange, "", "none");
      const seen: Record<string, string[]> = {};
      for (const [word, queue] of queues) seen[word] = await s.drain(queue);
      expect(seen).toEqual({
        all: ["both"],
        any: ["both", "region"],
        default: ["both", "region"],
        present: ["both", "tier"],
      });
    }),
  );

  it(
    "the default exchange leads to the queue named by the key",
    session(async (s) => {
      const queue = await s.queue("direct");
      await s.publish("", queue, "hello");
      const message = await s.take(queue);
      expect(message.fields).toMatchObject({ exchange: "", routingKey: queue });
    }),
  );

  it(
    "exchanges can be bound to exchanges, also in a circle, and a queue gets a message once",
    session(async (s) => {
      const [first, second] = [await s.exchange("first", "topic"), await s.exchange("second", "fanout")];
      const queue = await s.queue("end");
      await s.channel.bindExchange(second, first, "a.#");
      await s.channel.bindExchange(first, second, "");
      await s.channel.bindQueue(queue, second, "");
      await s.channel.bindQueue(queue, first, "a.b");
      await s.channel.bindQueue(queue, first, "a.*");
      await s.publish(first, "a.b", "once");
      await s.publish(first, "b", "never");
      expect(await s.drain(queue)).toEqual(["once"]);
      await s.channel.unbindExchange(second, first, "a.#");
      await s.publish(first, "a.b.c", "cut off");
      expect(await s.drain(queue)).toEqual([]);
    }),
  );

  it(
    "an alternate exchange gets what its exchange cannot route",
    session(async (s) => {
      const unrouted = await s.exchange("unrouted", "fanout");
      const exchange = await s.exchange("main", "direct", { alternateExchange: unrouted });
      const [known, rest] = [await s.queue("known"), await s.queue("rest")];
      await s.channel.bindQueue(known, exchange, "known");
      await s.channel.bindQueue(rest, unrouted, "");
      await s.publish(exchange, "known", "routed");
      await s.publish(exchange, "odd", "left over", { mandatory: true });
      expect(await s.drain(known)).toEqual(["routed"]);
      expect(await s.drain(rest)).toEqual(["left over"]);
    }),
  );

  it(
    "CC and BCC add routing keys, and only CC is seen by the receivers",
    session(async (s) => {
      const [to, copy, blind] = [await s.queue("to"), await s.queue("copy"), await s.queue("blind")];
      await s.publish("", to, "x", { CC: copy, BCC: blind });
      const headers = [];
      for (const queue of [to, copy, blind]) headers.push((await s.take(queue)).properties.headers);
      expect(headers).toEqual([{ CC: [copy] }, { CC: [copy] }, { CC: [copy] }]);
    }),
  );

  it(
    "unbinding ends the flow, and taking away what is not there is no error",
    session(async (s) => {
      const exchange = await s.exchange("events", "topic");
      const queue = await s.queue("q");
      await s.channel.bindQueue(queue, exchange, "a");
      await s.publish(exchange, "a", "before");
      await s.channel.unbindQueue(queue, exchange, "a");
      await s.channel.unbindQueue(queue, exchange, "a");
      await s.publish(exchange, "a", "after");
      expect(await s.drain(queue)).toEqual(["before"]);
    }),
  );

  it(
    "an auto-delete exchange goes with its last binding",
    session(async (s) => {
      const exchange = await s.exchange("passing", "topic", { autoDelete: true });
      const queue = await s.queue("q");
      await s.channel.bindQueue(queue, exchange, "a");
      await s.channel.bindQueue(queue, exchange, "b");
      await s.channel.unbindQueue(queue, exchange, "a");
      await s.channel.checkExchange(exchange);
      await s.channel.unbindQueue(queue, exchange, "b");
      await expect((await s.otherChannel()).checkExchange(exchange)).rejects.toMatchObject({ code: 404 });
    }),
  );

  it(
    "properties, headers of every type and bodies of 0 bytes and 1.5 MB arrive as they were sent",
    session(async (s) => {
      const queue = await s.queue("q");
      const headers = {
        text: "é",
        whole: 1,
        big: 2 ** 40,
        negative: -70_000,
        fraction: 1.5,
        yes: true,
        nothing: null,
        nested: { list: [1, "b", { deep: false }] },
        when: { "!": "timestamp", value: 1_700_000_000 },
        bytes: Buffer.from([0, 255]),
      };
      const properties = {
        contentType: "application/json",
        contentEncoding: "utf-8",
        correlationId: "c",
        replyTo: "r",
        messageId: "m",
        timestamp: 1_700_000_000,
        type: "orders.order.placed.v1",
        appId: "app",
        priority: 3,
      };
      s.channel.sendToQueue(queue, Buffer.from('{"a":1}'), {
        ...properties,
        persistent: true,
        userId: "guest",
        headers,
      });
      s.channel.sendToQueue(queue, Buffer.alloc(0));
      const large = Buffer.alloc(1_500_000, "0123456789abcdef");
      s.channel.sendToQueue(queue, large);
      await s.channel.waitForConfirms();
      const [first, empty, huge] = [await s.take(queue), await s.take(queue), await s.take(queue)];
      expect(first.content.toString()).toBe('{"a":1}');
      expect(first.properties).toMatchObject({ ...properties, deliveryMode: 2, userId: "guest" });
      expect(first.properties.headers).toEqual(headers);
      expect(empty.content).toHaveLength(0);
      expect(huge.content.equals(large)).toBe(true);
    }),
  );
}
