import { protocolHeader } from "../../amqp/wire/codec";
import { until } from "../until";
import { AmqpSession } from "./amqp-session";
import type { BrokerUnderTest } from "./broker-under-test";
import {
  headerFrame,
  longString,
  methodFrame,
  publishFrame,
  rawFrame,
  RawClient,
  shortString,
  startOk,
  tuneOk,
} from "./raw-client";

export function wireContract(broker: BrokerUnderTest): void {
  const clients: RawClient[] = [];
  const keep = (client: RawClient): RawClient => {
    clients.push(client);
    return client;
  };
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });

  it.each([
    ["another protocol", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["another version of AMQP", Buffer.from("AMQP\x01\x01\x00\x0a", "latin1")],
  ])("a client of %s is told which one is spoken here", async (_what, bytes) => {
    const client = keep(new RawClient(broker.url()));
    client.write(bytes);
    await client.isClosed();
    expect(client.header).toEqual(protocolHeader);
  });

  const qos = methodFrame(1, 60, 10, Buffer.from([0, 0, 0, 0, 0, 1, 0]));
  const wrongClass = headerFrame(1, 5);
  wrongClass.writeUInt16BE(50, 7);
  const tooLarge = Buffer.from([3, 0, 1, 0, 0, 0x20, 0]);

  it.each([
    ["a frame without its end marker", 501, [Buffer.from([1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 10, 0])]],
    ["a frame of an unknown type", 501, [rawFrame(77, 1, Buffer.from([0]))]],
    ["a frame larger than agreed", 501, [tooLarge]],
    ["a method with half of its fields", 501, [methodFrame(1, 50, 10, Buffer.from([0, 0]))]],
    ["a method frame too short for a method", 501, [rawFrame(1, 1, Buffer.from([0, 50]))]],
    ["a heartbeat on a channel", 505, [rawFrame(8, 1, Buffer.alloc(0))]],
    ["a header that no method announced", 505, [headerFrame(1, 5)]],
    ["a body that no method announced", 505, [rawFrame(3, 1, Buffer.from("x"))]],
    ["a method where a header is due", 505, [publishFrame(1, "k"), qos]],
    ["a body where a header is due", 505, [publishFrame(1, "k"), rawFrame(3, 1, Buffer.from("x"))]],
    ["a method where a body is due", 505, [publishFrame(1, "k"), headerFrame(1, 5), qos]],
    ["a header of another class", 505, [publishFrame(1, "k"), wrongClass]],
    ["a method of a channel that is not open", 504, [methodFrame(3, 60, 10, Buffer.from([0, 0, 0, 0, 0, 1, 0]))]],
    ["opening a channel twice", 504, [methodFrame(1, 20, 10, shortString(""))]],
    ["a channel's method on channel 0", 504, [methodFrame(0, 60, 10, Buffer.from([0, 0, 0, 0, 0, 1, 0]))]],
    ["a connection's method on a channel", 503, [methodFrame(1, 10, 40, Buffer.from([1, 47, 0, 0]))]],
    ["a method only brokers send", 503, [methodFrame(1, 60, 72, shortString(""))]],
    ["an immediate message", 540, [publishFrame(1, "k", 2), headerFrame(1, 0)]],
    ["a prefetch in bytes", 540, [methodFrame(1, 60, 10, Buffer.from([0, 0, 0, 7, 0, 1, 0]))]],
    ["stopping the flow", 540, [methodFrame(1, 20, 20, Buffer.from([0]))]],
  ])("%s: connection error %d", async (_what, code, frames) => {
    const client = keep(await RawClient.open(broker.url(), { frameMax: 4096 }));
    client.write(Buffer.concat(frames));
    const { fields } = await client.next("ConnectionClose");
    expect(fields.replyCode).toBe(code);
    client.write(methodFrame(0, 10, 51, Buffer.alloc(0)));
    await client.isClosed();
  });

  it.each([
    ["a method nobody knows", methodFrame(1, 99, 99, Buffer.alloc(0))],
    [
      "a table with a field of no known type",
      methodFrame(
        1,
        50,
        10,
        Buffer.concat([
          Buffer.alloc(2),
          shortString("q"),
          Buffer.from([0]),
          longString(Buffer.from("\x01aZ\x00", "latin1")),
        ]),
      ),
    ],
  ])("%s ends the connection", async (_what, frame) => {
    const client = keep(await RawClient.open(broker.url()));
    client.write(frame);
    await until(
      "the connection is over",
      () => client.closed || client.received.some((f) => f.kind === "ConnectionClose"),
    );
  });

  it.each([
    ["an unknown mechanism", startOk("\0guest\0guest", "TELEPATHY")],
    ["credentials that are none", startOk("guest")],
    ["a wrong password, from a client that cannot hear why", startOk("\0guest\0wrong", "PLAIN", false)],
    ["a method out of turn", tuneOk({ channelMax: 1, frameMax: 4096, heartbeat: 0 })],
  ])("logging in with %s ends with a closed socket", async (_what, frame) => {
    const client = keep(new RawClient(broker.url()));
    client.write(protocolHeader);
    await client.next("ConnectionStart");
    client.write(frame);
    await until("the broker hangs up", () => client.closed, 15_000);
    expect(client.received).toEqual([]);
  });

  it.each([
    ["larger frames than offered", { frameMax: 1_000_000 }],
    ["frames below the smallest allowed", { frameMax: 100 }],
    ["more channels than offered", { channelMax: 65_535 }],
  ])("a client that asks for %s is not let in", async (_what, asked) => {
    const client = keep(new RawClient(broker.url()));
    client.write(protocolHeader);
    await client.next("ConnectionStart");
    client.write(startOk());
    await client.next("ConnectionTune");
    client.write(tuneOk({ channelMax: 100, frameMax: 131_072, heartbeat: 0, ...asked }));
    await until("the broker hangs up", () => client.closed, 15_000);
  });

  it(
    "a message is cut into frames no larger than agreed",
    AmqpSession.within(broker, async (s) => {
      const queue = await s.queue("q");
      await s.send(queue, ["x".repeat(20_000)]);
      const client = keep(await RawClient.open(s.url, { frameMax: 4096 }));
      client.write(methodFrame(1, 60, 70, Buffer.concat([Buffer.alloc(2), shortString(queue), Buffer.from([1])])));
      await client.next("BasicGetOk");
      const bodyBytes = (): number =>
        client.received.filter((f) => f.kind === "body").reduce((sum, f) => sum + f.frameBytes - 8, 0);
      await until("the body is complete", () => bodyBytes() === 20_000);
      expect(Math.max(...client.received.map((frame) => frame.frameBytes))).toBe(4096);
    }),
  );

  it("heartbeats come when agreed, and a client that sends none is dropped", async () => {
    const client = keep(await RawClient.open(broker.url(), { heartbeat: 1 }));
    await client.next("heartbeat");
    await until("the broker hangs up", () => client.closed, 15_000);
  }, 20_000);

  it("an empty queue name means the queue declared last on the channel", async () => {
    const client = keep(await RawClient.open(broker.url()));
    const none = methodFrame(1, 60, 70, Buffer.concat([Buffer.alloc(2), shortString(""), Buffer.from([1])]));
    const flags = { exclusive: 4 };
    const declare = Buffer.concat([Buffer.alloc(2), shortString(""), Buffer.from([flags.exclusive]), Buffer.alloc(4)]);
    client.write(methodFrame(1, 50, 10, declare));
    await client.next("QueueDeclareOk");
    client.write(none);
    await client.next("BasicGetEmpty");
    client.write(methodFrame(2, 20, 10, shortString("")));
    await client.next("ChannelOpenOk");
    client.write(methodFrame(2, 60, 70, Buffer.concat([Buffer.alloc(2), shortString(""), Buffer.from([1])])));
    const { fields } = await client.next("ChannelClose");
    expect(fields).toMatchObject({
      replyCode: 404,
      replyText: expect.stringContaining("no previously declared queue"),
    });
  });
}
