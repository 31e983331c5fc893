import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { WebSocket, WebSocketServer } from "ws";
import { paceConnections } from "../intake";

const GET = "GET /hello HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server whose connections wait, beyond a few, until the test lets them in. */
async function serve(options: { few: number; now?: () => number }) {
  const server = createServer((req, res) => res.end(`You asked for ${req.url}.`));
  const waiting: (() => void)[] = [];
  let onWaiting: (() => void) | undefined;
  const seen = { arrived: 0, connections: 0 };
  server.on("connection", () => seen.connections++);
  const stop = paceConnections(
    server,
    {
      arrived: () => void seen.arrived++,
      take: (kind, task) => {
        expect(kind).toBe("connection");
        waiting.push(task);
        onWaiting?.();
      },
    },
    { spokenMs: 0, ...options },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // The first of a flood is not known for one.
  if (options.few === 0) await answerOf(port);
  Object.assign(seen, { arrived: 0, connections: 0 });
  ends.push(() => {
    stop();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    server,
    port,
    seen,
    stop,
    waiting,
    /** Comes when so many wait. */
    waitingAre: async (count: number) => {
      while (waiting.length < count) await new Promise<void>((resolve) => (onWaiting = resolve));
    },
  };
}

async function connect(port: number): Promise<Socket> {
  const socket = net.connect(port, "127.0.0.1");
  ends.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

const answerOf = (port: number) =>
  new Promise<string>((resolve, reject) =>
    get({ port, host: "127.0.0.1", path: "/hello", agent: false }, (res: IncomingMessage) => resolve(text(res))).on(
      "error",
      reject,
    ),
  );

test("a few connections are served as they come", async () => {
  const { port, seen, waiting } = await serve({ few: 2 });
  expect(await answerOf(port)).toBe("You asked for /hello.");
  expect(await answerOf(port)).toBe("You asked for /hello.");
  expect([seen.arrived, seen.connections, waiting.length]).toEqual([2, 2, 0]);
});

test("a few are a few of a short time", async () => {
  const world = { nowMs: 0 };
  const { port, seen } = await serve({ few: 1, now: () => world.nowMs });
  await answerOf(port);
  world.nowMs = 101;
  await answerOf(port);
  expect(seen.connections).toBe(2);
});

test("of a flood each first request waits for its turn, and is answered then", async () => {
  const { port, seen, waiting, waitingAre } = await serve({ few: 0 });
  const answers = [answerOf(port), answerOf(port), answerOf(port)];
  await waitingAre(3);
  expect(seen).toEqual({ arrived: 3, connections: 0 });
  waiting[0]!();
  expect(seen.connections).toBe(1);
  waiting[1]!();
  waiting[2]!();
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 3 }, () => "You asked for /hello."));
});

test("what is said while it waits is read in its turn", async () => {
  const { port, waiting, waitingAre } = await serve({ few: 0 });
  const client = await connect(port);
  await waitingAre(1);
  client.write(GET);
  waiting[0]!();
  expect(await text(client)).toContain("You asked for /hello.");
});

test("who says nothing in its turn is given to the server, whose timeouts end it, and may still ask", async () => {
  const { port, waiting, waitingAre, seen } = await serve({ few: 0 });
  const silent = await connect(port);
  await waitingAre(1);
  waiting[0]!();
  expect(seen.connections).toBe(1);
  silent.write(GET);
  expect(await text(silent)).toContain("You asked for /hello.");
});

test("the first after a flood is served at once", async () => {
  const world = { nowMs: 0 };
  const { port, seen, waiting } = await serve({ few: 1, now: () => world.nowMs });
  await answerOf(port);
  await answerOf(port);
  world.nowMs = 101;
  expect(await answerOf(port)).toBe("You asked for /hello.");
  expect([seen.connections, waiting.length]).toEqual([3, 0]);
});

test("a request that comes in pieces is read whole", async () => {
  const { port, waiting, waitingAre } = await serve({ few: 0 });
  const client = await connect(port);
  client.write(GET.slice(0, 10));
  await waitingAre(1);
  client.write(GET.slice(10, 30));
  waiting[0]!();
  client.write(GET.slice(30));
  expect(await text(client)).toContain("You asked for /hello.");
});

test("an upgrade with its first frame in the same packet loses nothing", async () => {
  const { server, port, waiting, waitingAre } = await serve({ few: 0 });
  const sockets = new WebSocketServer({ noServer: true });
  ends.push(() => sockets.clients.forEach((ws) => ws.terminate()));
  server.on("upgrade", (req, socket, head) =>
    sockets.handleUpgrade(req, socket, head, (ws) => ws.on("message", (data) => ws.send(data, { binary: false }))),
  );
  const ws = new WebSocket(`ws://127.0.0.1:${port}/`);
  ends.push(() => ws.terminate());
  await waitingAre(1);
  waiting[0]!();
  await once(ws, "open");
  ws.send("echo");
  const [data] = (await once(ws, "message")) as [Buffer];
  expect(data.toString()).toBe("echo");

  const raw = await connect(port);
  const maskedHi = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
  const head =
    "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  raw.write(Buffer.concat([Buffer.from(head), maskedHi]));
  await waitingAre(2);
  waiting[1]!();
  let came = Buffer.alloc(0);
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    came = Buffer.concat([came, chunk]);
    if (came.subarray(-4).equals(Buffer.from([0x81, 2, 0x68, 0x69]))) break;
  }
  expect(came.toString("latin1")).toMatch(/^HTTP\/1.1 101 /);
});

test("who leaves before its turn is noticed in it, a reset too", async () => {
  const { server, port, waiting, waitingAre } = await serve({ few: 0 });
  const client = await connect(port);
  client.write(GET);
  await waitingAre(1);
  client.resetAndDestroy();
  waiting[0]!();
  await new Promise<void>((resolve) => {
    const look = () => server.getConnections((_error, count) => (count === 0 ? resolve() : setImmediate(look)));
    look();
  });
});

test("at the end all who wait are let in, and later ones are not held", async () => {
  const { port, stop, waiting, waitingAre, seen } = await serve({ few: 0 });
  const answer = answerOf(port);
  await waitingAre(1);
  stop();
  expect(await answer).toBe("You asked for /hello.");
  expect(await answerOf(port)).toBe("You asked for /hello.");
  waiting[0]!();
  expect(seen.connections).toBe(2);
});
