import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";
import { eventStream } from "../event-stream";
import { createHttpSink, type HttpSink, type StreamTimes } from "../http-sink";
import { multipart } from "../multipart";
import { createPulse } from "../pulse";
import { message } from "./fake-streams";

const observe = () => {
  const seen = { opened: 0, closed: 0, stalled: 0 };
  const observer = {
    opened: () => void seen.opened++,
    closed: () => void seen.closed++,
    stalled: () => void seen.stalled++,
  };
  return { seen, observer };
};
const PATIENT: StreamTimes = { heartbeatMs: 60_000, stalledMs: 60_000, closingMs: 60_000 };
const LARGE = message("x".repeat(100_000));

let server: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer({ keepAliveTimeout: 5, connectionsCheckingInterval: 5 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Connects a client whose answer is a sink. */
async function connect(times: Partial<StreamTimes> = {}, delivery = eventStream) {
  Object.assign(server, { requestTimeout: 20_000, headersTimeout: 20_000 });
  const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  const asked = once(server, "request") as Promise<[unknown, ServerResponse]>;
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  const [, res] = await asked;
  // Times of a server that a stream outlives many times.
  Object.assign(server, { requestTimeout: 20, headersTimeout: 20 });
  const { seen, observer } = observe();
  const sink = createHttpSink(res, { delivery, pulse: createPulse(2), times: { ...PATIENT, ...times }, observer });
  const calls = { drained: 0, left: 0 };
  let onCall = () => {};
  const begin = (to: HttpSink = sink) =>
    to.begin({
      drained: () => {
        calls.drained++;
        onCall();
      },
      renew: () => undefined,
      leave: () => {
        calls.left++;
        onCall();
      },
    });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (onCall = resolve));
  };
  return { socket, res, sink, calls, seen, begin, until };
}

/** Writes until the sink asks for no more. @returns how many messages that took */
function fill(sink: HttpSink): number {
  for (let count = 1; ; count++) if (!sink.write(LARGE)) return count;
}
/** Fills what the system takes as well, so that nothing drains until the client reads. */
async function stall(res: ServerResponse, sink: HttpSink): Promise<void> {
  for (;;) {
    fill(sink);
    const drained = await Promise.race([
      once(res, "drain").then(() => true),
      new Promise<boolean>((resolve) => setImmediate(() => setImmediate(() => resolve(false)))),
    ]);
    if (!drained) return;
  }
}
const readAll = async (socket: Socket) => {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
};
const countOf = (text: string, what: string) => text.split(what).length - 1;

it("asks for no more when the client takes no more, and for more when it does", async () => {
  const { socket, res, sink, calls, begin, until } = await connect();
  socket.pause();
  begin();
  await stall(res, sink);
  expect(sink.write(message("one more"))).toBe(false);
  const { drained } = calls;
  socket.resume();
  await until(() => calls.drained > drained);
  expect(sink.write(message("again"))).toBe(true);
});

it("cuts off a client that takes nothing for too long, and leaves its subscription", async () => {
  const { socket, res, sink, calls, seen, begin, until } = await connect({ stalledMs: 30 });
  socket.pause();
  begin();
  await stall(res, sink);
  await until(() => calls.left > 0);
  expect(res.destroyed).toBe(true);
  // What comes later is taken and goes nowhere.
  expect(sink.write(LARGE)).toBe(true);
  sink.end({ kind: "complete" });
  expect(calls.left).toBe(1);
  expect(seen).toEqual({ opened: 1, closed: 1, stalled: 1 });
});

it("cuts off a client that does not even take the end", async () => {
  const { socket, res, sink, calls, begin } = await connect({ closingMs: 30 });
  socket.pause();
  begin();
  await stall(res, sink);
  const closed = once(res, "close");
  sink.end({ kind: "going-away" });
  await closed;
  expect(calls.left).toBe(0);
});

it.each([
  ["events", eventStream, ":\n\n"],
  ["parts", multipart, "\r\n\r\n{}\r\n"],
])("sends heartbeats into silence, longer than any timeout of the server: %s", async (_what, delivery, heartbeat) => {
  const { socket, sink, begin } = await connect({ heartbeatMs: 4 }, delivery);
  const startedAt = performance.now();
  begin();
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (countOf(text, heartbeat) > 20 && performance.now() - startedAt > 60) break;
  }
  expect(sink.write(message(1))).toBe(true);
});

it("a client that takes nothing keeps no other from its heartbeats, and gets none itself", async () => {
  const pulseOfAll = createPulse(2);
  const slow = await connect({ heartbeatMs: 4 });
  const quick = await connect({ heartbeatMs: 4 });
  const times = { ...PATIENT, heartbeatMs: 4 };
  const { observer } = observe();
  const stuck = createHttpSink(slow.res, { delivery: eventStream, pulse: pulseOfAll, times, observer });
  const lively = createHttpSink(quick.res, { delivery: eventStream, pulse: pulseOfAll, times, observer });
  slow.socket.pause();
  slow.begin(stuck);
  quick.begin(lively);
  await stall(slow.res, stuck);
  const waiting = slow.res.writableLength;
  let text = "";
  for await (const chunk of quick.socket) {
    text += String(chunk);
    if (countOf(text, ":\n\n") > 20) break;
  }
  expect(slow.res.writableLength).toBe(waiting);
});

it("writes the head and the first message in order when the core speaks before it is told to begin", async () => {
  const { socket, sink, seen, begin } = await connect();
  sink.write(message(1, "c"));
  sink.end({ kind: "complete" });
  begin();
  const text = await readAll(socket);
  expect(text.indexOf("HTTP/1.1 200")).toBe(0);
  expect(seen).toMatchObject({ opened: 1, stalled: 0 });
  expect(text.indexOf("id: c\nevent: next")).toBeLessThan(text.indexOf("event: complete"));
});

it("the members of a group get one encoding of their message", async () => {
  const first = await connect();
  const second = await connect();
  const shared = message("näme", "c");
  for (const { sink, begin } of [first, second]) {
    begin();
    sink.write(shared);
    sink.end({ kind: "complete" });
  }
  const [one, two] = await Promise.all([readAll(first.socket), readAll(second.socket)]);
  expect(one.slice(one.indexOf("\r\n\r\n"))).toBe(two.slice(two.indexOf("\r\n\r\n")));
  expect(one).toContain("näme");
});
