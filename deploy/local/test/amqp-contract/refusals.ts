import { connect, type Channel, type ChannelModel } from "amqplib";
import { AmqpSession, channelError, connectionError } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";

type Attempt = (channel: Channel, s: AmqpSession) => unknown;

export function refusalsContract(broker: BrokerUnderTest): void {
  const session = (test: (session: AmqpSession) => Promise<void>) => AmqpSession.within(broker, test);
  const x = Buffer.from("x");

  const endsTheChannel: [string, number, RegExp, Attempt][] = [
    ["a queue that is not there", 404, /no queue '.*nothing' in vhost '\/'/, (c, s) => c.checkQueue(s.name("nothing"))],
    ["consuming from no queue", 404, /no queue/, (c, s) => c.consume(s.name("nothing"), () => undefined)],
    ["getting from no queue", 404, /no queue/, (c, s) => c.get(s.name("nothing"))],
    ["purging no queue", 404, /no queue/, (c, s) => c.purgeQueue(s.name("nothing"))],
    ["an exchange that is not there", 404, /no exchange '.*nothing'/, (c, s) => c.checkExchange(s.name("nothing"))],
    ["publishing to no exchange", 404, /no exchange '.*nothing'/, (c, s) => c.publish(s.name("nothing"), "k", x)],
    ["binding to no exchange", 404, /no exchange/, async (c, s) => c.bindQueue(await s.queue("q"), s.name("no"), "k")],
    ["binding no queue", 404, /no queue/, (c, s) => c.bindQueue(s.name("nothing"), "amq.topic", "k")],
    ["binding from no exchange", 404, /no exchange/, (c, s) => c.bindExchange("amq.topic", s.name("nothing"), "k")],
    [
      "a queue declared otherwise",
      406,
      /inequivalent arg 'durable' for queue '.*q' in vhost '\/': received 'false' but current is 'true'/,
      async (c, s) => c.assertQueue(await s.queue("q", { durable: true }), { durable: false }),
    ],
    [
      "a queue declared with another TTL",
      406,
      /inequivalent arg 'x-message-ttl' for queue '.*': received '2000' but current is '1000'/,
      async (c, s) => c.assertQueue(await s.queue("q", { messageTtl: 1000 }), { messageTtl: 2000 }),
    ],
    [
      "a queue declared without its dead letter exchange",
      406,
      /'x-dead-letter-exchange' .*: received none but current is the value 'd' of type 'longstr'/,
      async (c, s) => c.assertQueue(await s.queue("q", { deadLetterExchange: "d" })),
    ],
    [
      "a classic queue declared as a quorum queue",
      406,
      /inequivalent arg 'x-queue-type' .*: received the value 'quorum' of type 'longstr' but current is none/,
      async (c, s) =>
        c.assertQueue(await s.queue("q", { durable: true }), {
          durable: true,
          arguments: { "x-queue-type": "quorum" },
        }),
    ],
    [
      "an exchange declared with another type",
      406,
      /inequivalent arg 'type' for exchange '.*' in vhost '\/': received 'direct' but current is 'topic'/,
      async (c, s) => c.assertExchange(await s.exchange("x", "topic"), "direct"),
    ],
    [
      "an unknown type of queue",
      406,
      /unsupported queue type 'nope'/,
      (c, s) => c.assertQueue(s.name("q"), { durable: true, arguments: { "x-queue-type": "nope" } }),
    ],
    ["a negative TTL", 406, /\{value_negative,-1\}/, (c, s) => c.assertQueue(s.name("q"), { messageTtl: -1 })],
    [
      "a TTL that is no number",
      406,
      /"expected integer, got longstr"/,
      (c, s) => c.assertQueue(s.name("q"), { arguments: { "x-message-ttl": "soon" } }),
    ],
    ["a lifetime of nothing", 406, /\{value_zero,0\}/, (c, s) => c.assertQueue(s.name("q"), { expires: 0 })],
    [
      "a dead letter key without its exchange",
      406,
      /routing_key_but_no_dlx_defined/,
      (c, s) => c.assertQueue(s.name("q"), { deadLetterRoutingKey: "k" }),
    ],
    [
      "an overflow nobody knows",
      406,
      /invalid_overflow/,
      (c, s) => c.assertQueue(s.name("q"), { arguments: { "x-overflow": "explode" } }),
    ],
    [
      "an expiration that is no number",
      406,
      /invalid expiration 'soon': no_integer/,
      async (c, s) => c.sendToQueue(await s.queue("q"), x, { expiration: "soon" }),
    ],
    [
      "another user's name on a message",
      406,
      /user_id property set to 'bob' but authenticated user was 'guest'/,
      async (c, s) => c.sendToQueue(await s.queue("q"), x, { userId: "bob" }),
    ],
    [
      "acknowledging what was never delivered",
      406,
      /unknown delivery tag 99/,
      (c) => c.ack({ fields: { deliveryTag: 99 } } as Parameters<Channel["ack"]>[0]),
    ],
    [
      "a headers binding that asks for something unknown",
      406,
      /Invalid x-match field value/,
      async (c, s) => c.bindQueue(await s.queue("q"), "amq.headers", "", { "x-match": "most" }),
    ],
    [
      "deleting a queue that is not empty, if it is empty",
      406,
      /queue '.*' in vhost '\/' not empty/,
      async (c, s) => {
        await s.send(await s.queue("q"), ["a"]);
        return c.deleteQueue(s.name("q"), { ifEmpty: true });
      },
    ],
    [
      "deleting a queue in use, if it is unused",
      406,
      /queue '.*' in vhost '\/' in use/,
      async (c, s) => {
        await s.consume(s.channel, await s.queue("q"));
        return c.deleteQueue(s.name("q"), { ifUnused: true });
      },
    ],
    [
      "deleting an exchange in use, if it is unused",
      406,
      /exchange '.*' in vhost '\/' in use/,
      async (c, s) => {
        await s.channel.bindQueue(await s.queue("q"), await s.exchange("x", "topic"), "k");
        return c.deleteExchange(s.name("x"), { ifUnused: true });
      },
    ],
    [
      "a queue that is exclusive to another connection",
      405,
      /cannot obtain exclusive access to locked queue/,
      async (c, s) => c.assertQueue(await s.queue("q", { exclusive: true }), { exclusive: true }),
    ],
    [
      "a second consumer next to an exclusive one",
      403,
      /queue '.*' in vhost '\/' in exclusive use/,
      async (c, s) => {
        await s.consume(s.channel, await s.queue("q"), { exclusive: true });
        return c.consume(s.name("q"), () => undefined);
      },
    ],
    ["a reserved queue name", 403, /contains reserved prefix 'amq\.\*'/, (c) => c.assertQueue("amq.mine")],
    ["a reserved exchange name", 403, /contains reserved prefix/, (c) => c.assertExchange("amq.mine", "topic")],
    ["deleting a system exchange", 403, /deletion of system exchange/, (c) => c.deleteExchange("amq.topic")],
    [
      "binding to the default exchange",
      403,
      /operation not permitted on the default exchange/,
      async (c, s) => c.bindQueue(await s.queue("q"), "", "k"),
    ],
    [
      "publishing to an internal exchange",
      403,
      /cannot publish to internal exchange/,
      async (c, s) => c.publish(await s.exchange("x", "topic", { internal: true }), "k", x),
    ],
  ];

  it.each(endsTheChannel)("%s: %d, and the connection lives on", (_what, code, text, attempt) =>
    session(async (s) => {
      const connection = await s.connect();
      const channel = await connection.createChannel();
      const closed = channelError(channel);
      const answer = Promise.resolve(attempt(channel, s)).catch(() => undefined);
      const error = await closed;
      await answer;
      expect(error).toMatchObject({ code, message: expect.stringMatching(text) });
      const another = await connection.createChannel();
      await another.checkExchange("amq.topic");
    })(),
  );

  const endsTheConnection: [string, number, RegExp, Attempt][] = [
    ["an unknown type of exchange", 503, /unknown exchange type 'odd'/, (c, s) => c.assertExchange(s.name("x"), "odd")],
    [
      "a consumer tag used twice on a channel",
      530,
      /attempt to reuse consumer tag 'tag'/,
      async (c, s) => {
        const queue = await s.queue("q");
        await c.consume(queue, () => undefined, { consumerTag: "tag" });
        return c.consume(queue, () => undefined, { consumerTag: "tag" });
      },
    ],
  ];

  it.each(endsTheConnection)("%s: %d, and the connection ends", (_what, code, text, attempt) =>
    session(async (s) => {
      const connection: ChannelModel = await s.connect();
      const closed = connectionError(connection);
      const channel = await connection.createChannel();
      channel.on("error", () => undefined);
      await Promise.allSettled([attempt(channel, s)]);
      expect(await closed).toMatchObject({ code, message: expect.stringMatching(text) });
    })(),
  );

  it("a wrong password is refused with 403", async () => {
    const url = new URL(broker.url());
    url.password = "wrong";
    await expect(connect(url.href)).rejects.toThrow(/403.*ACCESS_REFUSED - Login was refused/s);
  });
}
