import net, { type AddressInfo } from "node:net";
import { Broker as EmbeddedBroker } from "../../deploy/local/amqp/server/broker";
import { connectBroker } from "../amqp/connect-broker";
import { createLogger } from "../log";

const log = createLogger("test", "silent");
/** Class and method of `connection.close`. https://www.rabbitmq.com/amqp-0-9-1-reference#connection.close */
const CLOSE = Buffer.from([0, 10, 0, 50]);

let server: EmbeddedBroker;
let relay: net.Server;
let port: number;
/** Settles when a client has connected; nothing it sends goes on before `release`. */
let connected: Promise<void>;
let release: () => void;
let resets = 0;
const clients = new Set<net.Socket>();

beforeEach(async () => {
  server = new EmbeddedBroker();
  const behind = await server.listen(0);
  resets = 0;
  let tellConnected = () => {};
  connected = new Promise((resolve) => (tellConnected = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  // Like a broker that dies when its client wants to part from it.
  relay = net.createServer((client) => {
    const upstream = net.connect(behind, "127.0.0.1");
    clients.add(client);
    tellConnected();
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    client.on("data", (chunk: Buffer) => {
      if (chunk.includes(CLOSE)) {
        resets++;
        client.resetAndDestroy();
        upstream.destroy();
      } else void released.then(() => upstream.write(chunk));
    });
    upstream.pipe(client);
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  port = (relay.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await server.close();
  await new Promise((resolve) => relay.close(resolve));
});

const open = () => connectBroker({ url: `amqp://guest:guest@127.0.0.1:${port}`, log, name: "kit test" });

test("a broker that is lost while a connection of the last moment is closed disturbs nobody", async () => {
  const broker = await open();
  await connected;
  const closing = broker.close();
  release();
  await closing;
  expect(resets).toBe(1);
  expect(broker.connected).toBe(false);
});

test("nobody waits long for a broker that says nothing to a connection that is not wanted any more", async () => {
  const broker = await open();
  await connected;
  const startedAt = performance.now();
  await broker.close();
  expect(performance.now() - startedAt).toBeLessThan(4_000);
});

test("between two attempts it closes at once, and tries no more", async () => {
  await new Promise((resolve) => relay.close(resolve));
  const lines: string[] = [];
  const told = createLogger("test", "warn", { write: (line: string) => void lines.push(line) });
  const broker = await connectBroker({ url: `amqp://guest:guest@127.0.0.1:${port}`, log: told, name: "kit test" });
  while (lines.length === 0) await new Promise(setImmediate);
  await broker.close();
  expect(broker.connected).toBe(false);
});
