import { GraphQLError } from "graphql";
import { closeClients, connect, type RawClient } from "./raw-client";
import { EXPIRES_AT_MS, serve, type Served, SUBSCRIPTION } from "./serve";
import { serviceUnavailable } from "../../../../kit/errors";

// Sentences in quotation marks are the protocol's: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

let served: Served;
beforeEach(async () => void (served = await serve({ maxOperations: 3 })));
afterEach(async () => {
  closeClients();
  await served.close();
});

const subscribe = (id: string, query = SUBSCRIPTION, more: object = {}) => ({
  type: "subscribe",
  id,
  payload: { query, ...more },
});
/** A connection that is ready for operations. */
const ready = async (payload?: unknown): Promise<RawClient> => {
  const client = await connect(served.url);
  await client.init(payload);
  return client;
};
/** A connection with one running subscription, as the core sees it. */
const subscribed = async (id = "1") => {
  const client = await ready();
  const opened = served.streams.nextOpened();
  client.send(subscribe(id));
  return { client, stream: await opened };
};
/** Answered when everything before it was handled. */
const settled = async (client: RawClient) => {
  client.send({ type: "ping" });
  expect(await client.next()).toEqual({ type: "pong" });
};

describe("connecting", () => {
  test("the server acknowledges connection_init, with and without a payload", async () => {
    for (const payload of [undefined, null, {}, { any: "thing" }]) {
      const client = await connect(served.url);
      client.send({ type: "connection_init", ...(payload === undefined ? {} : { payload }) });
      expect(await client.next()).toEqual({ type: "connection_ack" });
    }
  });

  test('"the server will close the socket with the event 4408: Connection initialisation timeout"', async () => {
    const impatient = await serve({ initTimeoutMs: 10 });
    const client = await connect(impatient.url);
    expect(await client.closed).toEqual({ code: 4408, reason: "Connection initialisation timeout" });
    await impatient.close();
  });

  test("a connection_init that came in time is no timeout, however long the process was busy with something else", async () => {
    const busy = await serve({ initTimeoutMs: 20 });
    const client = await connect(busy.url);
    client.send({ type: "connection_init" });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
    const first = await Promise.race([client.next(), client.closed]);
    await busy.close();
    expect(first).toEqual({ type: "connection_ack" });
  });

  test("an acknowledgement that takes longer than the timeout is no timeout", async () => {
    const impatient = await serve({ initTimeoutMs: 1_000 });
    let open = () => {};
    impatient.state.gate = new Promise((resolve) => (open = resolve));
    const client = await connect(impatient.url);
    client.send({ type: "connection_init" });
    const late = await connect(impatient.url);
    expect((await late.closed).code).toBe(4408);
    open();
    expect(await client.next()).toEqual({ type: "connection_ack" });
    await impatient.close();
  });

  test.each([
    ["after the acknowledgement", async (client: RawClient) => client.init()],
    ["before the acknowledgement", async (client: RawClient) => client.send({ type: "connection_init" })],
  ])('a second connection_init %s: "4429: Too many initialisation requests"', async (_when, first) => {
    const client = await connect(served.url);
    await first(client);
    client.send({ type: "connection_init" });
    expect(await client.closed).toEqual({ code: 4429, reason: "Too many initialisation requests" });
  });

  test.each([
    ["before connection_init", false],
    ["before the acknowledgement", true],
  ])(
    'subscribe %s: "the socket will be closed immediately with the event 4401: Unauthorized"',
    async (_when, asksFirst) => {
      served.state.gate = new Promise(() => undefined);
      const client = await connect(served.url);
      if (asksFirst) client.send({ type: "connection_init" });
      client.send(subscribe("1"));
      expect(await client.closed).toEqual({ code: 4401, reason: "Unauthorized" });
      expect(served.streams.calls).toBe(0);
    },
  );

  test('a token that is not valid: "it is recommended to close the socket with 4403: Forbidden"', async () => {
    const client = await connect(served.url);
    client.send({ type: "connection_init", payload: { authorization: "Bearer old" } });
    expect(await client.closed).toEqual({ code: 4403, reason: "Forbidden" });
  });

  test("tokens that cannot be checked now close the socket with a code after which clients come back", async () => {
    served.refused.set("Bearer u1", serviceUnavailable("Tokens cannot be checked at the moment; try again."));
    const client = await connect(served.url);
    client.send({ type: "connection_init", payload: { authorization: "Bearer u1" } });
    expect(await client.closed).toEqual({
      code: 1013,
      reason: "Tokens cannot be checked at the moment; try again.",
    });
  });

  test("what fails unexpectedly closes the socket with 4500 and tells nothing of it", async () => {
    served.refused.set("Bearer u1", new Error("a secret of the gateway"));
    const client = await connect(served.url);
    client.send({ type: "connection_init", payload: { authorization: "Bearer u1" } });
    expect(await client.closed).toEqual({ code: 4500, reason: "Internal server error" });
  });

  test.each([
    ["none", ""],
    ["another", "graphql-ws"],
  ])("4406 for a client with %s of our subprotocols", async (_n, protocol) => {
    // A client that asked for a protocol breaks off when the server chooses none of its; the close frame comes first.
    const client = await connect(served.url, { protocol: "" });
    expect(await client.closed).toEqual({ code: 4406, reason: "Subprotocol not acceptable" });
    if (protocol !== "") await expect(connect(served.url, { protocol })).rejects.toThrow("subprotocol");
  });

  test("the protocol is found among others that a client offers", async () => {
    const client = await connect(served.url, { protocol: "graphql-transport-ws" });
    expect(client.ws.protocol).toBe("graphql-transport-ws");
    await client.init();
  });
});

describe("invalid messages", () => {
  const cases: [string, unknown, RegExp][] = [
    ["no JSON", "hello", /^Invalid message: it is not JSON$/],
    ["half of a JSON", '{"type":"ping"', /it is not JSON/],
    ["an empty text", "", /it is not JSON/],
    ["a number", "1", /expected to be an object, but got number/],
    ["null", "null", /expected to be an object, but got null/],
    ["a list", "[]", /expected to be an object, but got array/],
    ["no type", {}, /missing the 'type' property/],
    ["a type that is no text", { type: 1 }, /'type' property to be a string/],
    ["an unknown type", { type: "start" }, /Invalid message 'type' property "start"/],
    ["a type of Object's prototype", { type: "constructor" }, /'type' property "constructor"/],
    ["an acknowledgement", { type: "connection_ack" }, /only a server sends "connection_ack"/],
    ["a result", { type: "next", id: "1", payload: {} }, /only a server sends "next"/],
    ["errors", { type: "error", id: "1", payload: [{ message: "no" }] }, /only a server sends "error"/],
    ["init with a payload that is no object", { type: "connection_init", payload: "x" }, /'payload' property/],
    ["ping with a payload that is no object", { type: "ping", payload: [] }, /'payload' property/],
    ["pong with a payload that is no object", { type: "pong", payload: 1 }, /'payload' property/],
    ["subscribe without an id", { type: "subscribe", payload: { query: "{ a }" } }, /'id' property/],
    ["subscribe with an empty id", subscribe(""), /non-empty 'id'/],
    ["subscribe with a very long id", subscribe("x".repeat(257)), /an id has at most 256 characters/],
    ["subscribe with a number as id", { ...subscribe("1"), id: 1 }, /'id' property to be a string/],
    ["subscribe without a payload", { type: "subscribe", id: "1" }, /'payload' property/],
    ["subscribe without a query", { type: "subscribe", id: "1", payload: {} }, /'query' property/],
    ["variables that are a list", subscribe("1", SUBSCRIPTION, { variables: [] }), /'variables' property/],
    [
      "an operationName that is no text",
      subscribe("1", SUBSCRIPTION, { operationName: 1 }),
      /'operationName' property/,
    ],
    ["extensions that are a text", subscribe("1", SUBSCRIPTION, { extensions: "x" }), /'extensions' property/],
    ["complete without an id", { type: "complete" }, /'id' property/],
  ];
  test.each(cases)(
    '%s: "immediate socket closure with the event 4400: <error-message>"',
    async (_name, message, reason) => {
      const client = await ready();
      client.send(message);
      const closed = await client.closed;
      expect(closed.code).toBe(4400);
      expect(closed.reason).toMatch(reason);
      expect(served.streams.calls).toBe(0);
    },
  );

  test("they are as invalid before connection_init", async () => {
    const client = await connect(served.url);
    client.send("hello");
    expect((await client.closed).code).toBe(4400);
  });

  test("a reason that is too long for a close frame is cut between two characters", async () => {
    const client = await ready();
    client.send({ type: "ü".repeat(200) });
    const { code, reason } = await client.closed;
    expect(code).toBe(4400);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(reason).toMatch(/^Invalid message: Invalid message 'type' property "ü+$/);
  });

  test("a binary frame is no message of this protocol", async () => {
    const client = await ready();
    client.ws.send(Buffer.from('{"type":"ping"}'), { binary: true });
    expect(await client.closed).toEqual({
      code: 4400,
      reason: "Invalid message: expected text, but got a binary frame",
    });
  });

  test("nothing of what came behind an invalid message is handled", async () => {
    const { client, stream } = await subscribed();
    client.send("hello");
    client.send(subscribe("2"));
    stream.push({ text: "{}" });
    await client.closed;
    expect(served.streams.calls).toBe(1);
    await stream.left;
  });
});

describe("frames", () => {
  test("a message in many fragments is one message", async () => {
    const client = await ready();
    const opened = served.streams.nextOpened();
    const text = JSON.stringify(subscribe("1", "subscription { ticks } # ü"));
    const bytes = Buffer.from(text);
    // Between the fragments a control frame may come.
    for (let i = 0; i < bytes.length; i++) {
      client.ws.send(bytes.subarray(i, i + 1), { binary: false, fin: i === bytes.length - 1 });
      if (i === 20) client.ws.ping();
    }
    expect((await opened).request.checked.operation.operation).toBe("subscription");
  });

  test("a message of more fragments than one of its size needs closes the connection with 1008", async () => {
    const client = await ready();
    for (let i = 0; i < 3_000; i++) client.ws.send(" ", { fin: false });
    expect((await client.closed).code).toBe(1008);
  });

  test("a message beyond the limit closes that connection with 1009, and no other", async () => {
    const [client, other] = [await ready(), await ready()];
    client.send("x".repeat(300_000));
    expect((await client.closed).code).toBe(1009);
    await settled(other);
  });

  test("a message of the greatest size is taken", async () => {
    const client = await ready();
    const message = JSON.stringify({ type: "ping", payload: { filler: "" } });
    const payload = { filler: "x".repeat(262_144 - message.length) };
    client.send({ type: "ping", payload });
    expect(await client.next()).toEqual({ type: "pong", payload });
  });

  test("text that is not UTF-8 closes the connection with 1007", async () => {
    const client = await ready();
    client.ws.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
    expect((await client.closed).code).toBe(1007);
  });

  test("a client that closes normally takes its subscriptions with it", async () => {
    const { client, stream } = await subscribed();
    client.ws.close(1000, "Normal Closure");
    expect((await client.closed).code).toBe(1000);
    await stream.left;
  });

  test("a client whose connection breaks takes its subscriptions with it", async () => {
    const { client, stream } = await subscribed();
    client.ws.terminate();
    await stream.left;
  });
});

describe("ping and pong", () => {
  test.each([[undefined], [null], [{}], [{ sent: 1, ü: ["deep"] }]])(
    "a ping with the payload %j is answered at once",
    async (payload) => {
      const client = await connect(served.url);
      client.send({ type: "ping", ...(payload === undefined ? {} : { payload }) });
      expect(await client.next()).toEqual({ type: "pong", ...(payload ? { payload } : {}) });
    },
  );

  test('"the Pong message may even be sent unsolicited"', async () => {
    const client = await ready();
    client.send({ type: "pong" });
    client.send({ type: "pong", payload: { any: "thing" } });
    await settled(client);
  });

  test("a ping is answered while an operation runs", async () => {
    const client = await ready();
    client.send(subscribe("1", "{ slow }"));
    await settled(client);
  });
});

describe("subscriptions", () => {
  test("results are delivered under the operation's id, byte for byte as they were written", async () => {
    const { client, stream } = await subscribed('"ü\n\\');
    const frames: string[] = [];
    client.ws.on("message", (data: Buffer) => frames.push(data.toString("utf8")));
    stream.push({ text: '{"data":{"ticks":"😀"},"extensions":{"cursor":"c1"}}' });
    expect(await client.next()).toEqual({
      type: "next",
      id: '"ü\n\\',
      payload: { data: { ticks: "😀" }, extensions: { cursor: "c1" } },
    });
    expect(frames).toEqual([
      `{"type":"next","id":${JSON.stringify('"ü\n\\')},"payload":{"data":{"ticks":"😀"},"extensions":{"cursor":"c1"}}}`,
    ]);
  });

  // At these lengths the head of a frame changes, and the way it is written.
  test.each([1, 60, 125, 126, 127, 4_000, 4_096, 4_097, 65_400, 65_535, 65_536, 70_000, 1_000_000])(
    "a result of %d characters arrives whole, also beside others",
    async (length) => {
      const { client, stream } = await subscribed();
      const text = `{"data":"${"ü".repeat(Math.floor(length / 4))}${"x".repeat(Math.ceil(length / 2))}"}`;
      for (const each of [text, '{"data":1}', text]) stream.push({ text: each });
      for (const each of [text, '{"data":1}', text]) expect((await client.next()).payload).toEqual(JSON.parse(each));
    },
  );

  test("several operations share a connection and its ids tell them apart", async () => {
    const client = await ready();
    const streams = [];
    for (const id of ["a", "b"]) {
      const opened = served.streams.nextOpened();
      client.send(subscribe(id));
      streams.push(await opened);
    }
    streams[1]!.push({ text: '{"data":2}' });
    streams[0]!.push({ text: '{"data":1}' });
    expect(await client.next()).toMatchObject({ id: "b", payload: { data: 2 } });
    expect(await client.next()).toMatchObject({ id: "a", payload: { data: 1 } });
    client.send({ type: "complete", id: "a" });
    await streams[0]!.left;
    streams[1]!.push({ text: '{"data":3}' });
    expect(await client.next()).toMatchObject({ id: "b", payload: { data: 3 } });
  });

  test('the server completes: "dispatches the Complete message indicating that the source stream has completed"', async () => {
    const { client, stream } = await subscribed();
    stream.push({ text: '{"data":1}' });
    stream.end({ kind: "complete" });
    expect(await client.next()).toMatchObject({ type: "next" });
    expect(await client.next()).toEqual({ type: "complete", id: "1" });
    // Both may complete at the same time.
    client.send({ type: "complete", id: "1" });
    await settled(client);
  });

  test("the server ends with errors: the message error, and no complete behind it", async () => {
    const { client, stream } = await subscribed();
    const extensions = { code: "SUBSCRIPTION_SLOW_CONSUMER", cursor: "c1" };
    stream.end({ kind: "error", errors: [new GraphQLError("Too slow.", { extensions })] });
    expect(await client.next()).toEqual({ type: "error", id: "1", payload: [{ message: "Too slow.", extensions }] });
    await settled(client);
  });

  test('the client completes: "No further events, relevant to the original subscription, should be sent through"', async () => {
    const { client, stream } = await subscribed();
    client.send({ type: "complete", id: "1" });
    await stream.left;
    stream.push({ text: '{"data":1}' });
    await settled(client);
  });

  test('"Once a client completes an operation, it is free to re-use that ID"', async () => {
    const { client, stream } = await subscribed();
    client.send({ type: "complete", id: "1" });
    const opened = served.streams.nextOpened();
    client.send(subscribe("1"));
    const second = await opened;
    stream.push({ text: '{"data":"first"}' });
    second.push({ text: '{"data":"second"}' });
    expect(await client.next()).toEqual({ type: "next", id: "1", payload: { data: "second" } });
  });

  test("an id that is used again while its first operation still opens belongs to the second", async () => {
    const client = await ready();
    let open = () => {};
    served.streams.gate = new Promise((resolve) => (open = resolve));
    client.send(subscribe("1"));
    await settled(client);
    client.send({ type: "complete", id: "1" });
    client.send(subscribe("1"));
    await settled(client);
    const opened = served.streams.nextOpened();
    open();
    await opened;
    await settled(client);
    const [first, second] = served.streams.opened;
    await first!.left;
    second!.push({ text: '{"data":2}' });
    expect(await client.next()).toEqual({ type: "next", id: "1", payload: { data: 2 } });
  });

  test.each([
    ["a running subscription", SUBSCRIPTION],
    ["a running query", "{ slow }"],
  ])('the id of %s: "4409: Subscriber for <unique-operation-id> already exists"', async (_name, query) => {
    const client = await ready();
    client.send(subscribe("the id", query));
    client.send(subscribe("the id", "{ a }"));
    expect(await client.closed).toEqual({ code: 4409, reason: "Subscriber for the id already exists" });
  });

  test("4409 of an id that is too long for the reason", async () => {
    const client = await ready();
    client.send(subscribe("x".repeat(250)));
    client.send(subscribe("x".repeat(250)));
    expect((await client.closed).code).toBe(4409);
  });

  test('messages with unknown ids: "It is permissable to simply ignore all unknown IDs"', async () => {
    const client = await ready();
    client.send({ type: "complete", id: "never" });
    client.send({ type: "complete", id: "__proto__" });
    await settled(client);
  });

  test("ids that mean something to objects are ids", async () => {
    for (const id of ["__proto__", "constructor", "toString"]) {
      const { client, stream } = await subscribed(id);
      stream.push({ text: '{"data":1}' });
      expect(await client.next()).toEqual({ type: "next", id, payload: { data: 1 } });
    }
  });

  test("errors of the document are the message error, and the id is free again", async () => {
    const client = await ready();
    client.send(subscribe("1", "subscription {"));
    expect(await client.next()).toMatchObject({ type: "error", id: "1", payload: [{ message: /^Syntax Error/ }] });
    client.send(subscribe("1", "{ a }", { operationName: "None" }));
    expect(await client.next()).toMatchObject({ type: "error", id: "1", payload: [{ message: "no such operation" }] });
    expect(served.held.count).toBe(0);
  });

  test("the core's refusal is the message error", async () => {
    const client = await ready();
    served.streams.refusal = [new GraphQLError("You may not watch this.", { extensions: { code: "FORBIDDEN" } })];
    client.send(subscribe("1"));
    expect(await client.next()).toMatchObject({
      type: "error",
      id: "1",
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    expect(served.held.count).toBe(0);
  });

  test("what fails unexpectedly is an error of the operation that tells only a request id", async () => {
    const client = await ready();
    client.send(subscribe("1", "{ crash }"));
    expect(await client.next()).toEqual({
      type: "error",
      id: "1",
      payload: [
        { message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR", requestId: expect.any(String) } },
      ],
    });
    await settled(client);
    expect(served.held.count).toBe(0);
  });

  test("operations beyond the limit of the connection are refused, and possible again when another has ended", async () => {
    const client = await ready();
    for (const id of ["1", "2", "3"]) client.send(subscribe(id));
    client.send(subscribe("4"));
    expect(await client.next()).toMatchObject({
      type: "error",
      id: "4",
      payload: [{ extensions: { code: "SUBSCRIPTION_LIMIT_EXCEEDED" } }],
    });
    client.send({ type: "complete", id: "2" });
    client.send(subscribe("4", "{ a }"));
    await settled(client);
    served.executions[0]!.answer({ data: { a: 1 } });
    expect(await client.next()).toMatchObject({ type: "next", id: "4" });
  });

  test("a gateway without streams says so", async () => {
    const still = await serve({}, { streams: "none" });
    const client = await connect(still.url);
    await client.init();
    client.send(subscribe("1"));
    expect(await client.next()).toMatchObject({
      type: "error",
      payload: [{ extensions: { code: "SUBSCRIPTION_NOT_SUPPORTED" } }],
    });
    await still.close();
  });

  test("a cursor to resume from reaches the core; anything else in its place is refused", async () => {
    const client = await ready();
    const opened = served.streams.nextOpened();
    client.send(subscribe("1", SUBSCRIPTION, { extensions: { resume: { cursor: "c1" } } }));
    expect((await opened).request.cursor).toBe("c1");
    for (const resume of ["c1", 1, { cursor: 1 }, { cursor: ["c1"] }]) {
      client.send(subscribe("2", SUBSCRIPTION, { extensions: { resume } }));
      expect(await client.next()).toMatchObject({
        type: "error",
        id: "2",
        payload: [{ extensions: { code: "SUBSCRIPTION_INVALID_CURSOR" } }],
      });
    }
  });

  test("the graph of a subscription is held while it opens, and no longer", async () => {
    const client = await ready();
    let open = () => {};
    served.streams.gate = new Promise((resolve) => (open = resolve));
    client.send(subscribe("1"));
    await settled(client);
    expect(served.held.count).toBe(1);
    const opened = served.streams.nextOpened();
    open();
    await opened;
    await settled(client);
    expect(served.held.count).toBe(0);
  });

  test("a subscription is checked again on another graph, with its text and as its viewer", async () => {
    const client = await ready({ authorization: "Bearer u1" });
    const opened = served.streams.nextOpened();
    client.send(
      subscribe("1", "subscription A { a } subscription B { b }", { operationName: "B", variables: { x: 1 } }),
    );
    const { request } = await opened;
    const checked = request.recheck(request.checked.generation);
    expect(checked).toMatchObject({ operation: { name: { value: "B" } }, variables: { x: 1 } });
    expect(request).toMatchObject({ operationName: "B", client: "user:u1", expiresAtMs: EXPIRES_AT_MS });
  });
});

describe("queries and mutations", () => {
  test("their result is one next, then complete", async () => {
    const client = await ready({ authorization: "Bearer u1" });
    client.send(subscribe("1", "mutation ($a: Int) { do }", { variables: { a: 1 }, extensions: { e: 1 } }));
    await settled(client);
    const [{ input, context, answer }] = served.executions as [Served["executions"][number]];
    expect(input).toMatchObject({ variables: { a: 1 }, extensions: { e: 1 } });
    expect(context.viewer).toMatchObject({ subject: "u1" });
    answer({ data: { do: "ü" }, errors: [new GraphQLError("half", { path: ["do"] })] });
    expect(await client.next()).toEqual({
      type: "next",
      id: "1",
      payload: { data: { do: "ü" }, errors: [{ message: "half", path: ["do"] }] },
    });
    expect(await client.next()).toEqual({ type: "complete", id: "1" });
  });

  test('"Even if the client sent a Complete message for a single-result-operation before it resolved, the result should not be sent"', async () => {
    const client = await ready();
    client.send(subscribe("1", "{ slow }"));
    await settled(client);
    client.send({ type: "complete", id: "1" });
    await settled(client);
    const [{ context, answer }] = served.executions as [Served["executions"][number]];
    expect(context.signal?.aborted).toBe(true);
    answer({ data: { slow: 1 } });
    await settled(client);
  });

  test("a client that leaves gives up its calls", async () => {
    const client = await ready();
    client.send(subscribe("1", "{ slow }"));
    await settled(client);
    const aborted = new Promise<void>((resolve) =>
      served.executions[0]!.context.signal?.addEventListener("abort", resolve, { once: true }),
    );
    client.ws.terminate();
    await aborted;
  });

  test("they may overtake each other", async () => {
    const client = await ready();
    client.send(subscribe("1", "{ slow }"));
    client.send(subscribe("2", "{ quick }"));
    await settled(client);
    served.executions[1]!.answer({ data: { quick: 1 } });
    expect(await client.next()).toMatchObject({ type: "next", id: "2" });
    expect(await client.next()).toMatchObject({ type: "complete", id: "2" });
    served.executions[0]!.answer({ data: { slow: 1 } });
    expect(await client.next()).toMatchObject({ type: "next", id: "1" });
  });
});
