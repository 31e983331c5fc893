import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { drawFault } from "../../../e2e/harness/fault-schedule";
import { seededRandom } from "../../../e2e/harness/seeded-random";
import { startTcpProxy, type TcpProxy } from "../../../e2e/harness/tcp-proxy";
import { waitUntil } from "../../../e2e/harness/wait-until";

let echo: net.Server;
let proxy: TcpProxy;
const clients: net.Socket[] = [];

beforeEach(async () => {
  echo = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  proxy = await startTcpProxy({ host: "127.0.0.1", port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function connectToEcho() {
  const socket = net.connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
  clients.push(socket);
  let text = "";
  let pieces = 0;
  let ending: string | undefined;
  socket.setEncoding("utf8");
  socket.on("data", (piece: string) => {
    text += piece;
    pieces++;
  });
  socket.on("end", () => (ending ??= "end"));
  socket.on("error", (error: NodeJS.ErrnoException) => (ending ??= error.code));
  await once(socket, "connect");
  return {
    socket,
    text: () => text,
    pieces: () => pieces,
    ending: () => waitUntil("an ending", () => ending, { pollMs: 2 }),
    hears: (whole: string) => waitUntil(`"${whole.slice(0, 20)}"`, () => text === whole, { pollMs: 2 }),
  };
}

test("lets everything through", async () => {
  const { socket, hears, ending } = await connectToEcho();
  const long = "x".repeat(2_000_000);
  socket.end(long);
  await hears(long);
  expect(await ending()).toBe("end");
});

test("resets connections, and takes new ones", async () => {
  const broken = await connectToEcho();
  broken.socket.write("a");
  await broken.hears("a");
  proxy.reset();
  expect(await broken.ending()).toBe("ECONNRESET");
  const fresh = await connectToEcho();
  fresh.socket.write("b");
  await fresh.hears("b");
});

test("refuses connections until it accepts them again on the same port", async () => {
  await proxy.refuse();
  const refused = net.connect(proxy.port, "127.0.0.1");
  await expect(once(refused, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await proxy.heal();
  const fresh = await connectToEcho();
  fresh.socket.write("b");
  await fresh.hears("b");
});

test("a black hole keeps what it swallowed, in order, until it ends", async () => {
  const { socket, hears, text } = await connectToEcho();
  proxy.hold();
  socket.write("a");
  socket.write("b");
  const late = await connectToEcho();
  late.socket.write("c");
  proxy.delay(1);
  expect(text()).toBe("");
  proxy.resume();
  await hears("ab");
  await late.hears("c");
});

test("abandoned connections stay silent, new ones do not", async () => {
  const old = await connectToEcho();
  old.socket.write("a");
  await old.hears("a");
  proxy.abandon();
  old.socket.write("b");
  const fresh = await connectToEcho();
  fresh.socket.write("c");
  await fresh.hears("c");
  await proxy.heal();
  expect(old.text()).toBe("a");
});

test("delays with jitter keep the order, and a drip comes piece by piece", async () => {
  const { socket, hears, pieces } = await connectToEcho();
  proxy.delay(1, 5);
  for (const letter of "abcdef") socket.write(letter);
  await hears("abcdef");
  proxy.delay(0);
  proxy.drip(10, 1);
  const before = pieces();
  socket.write("x".repeat(200));
  await hears(`abcdef${"x".repeat(200)}`);
  expect(pieces() - before).toBeGreaterThan(1);
});

test("a half-closed connection still carries the other direction", async () => {
  const { socket, ending } = await connectToEcho();
  proxy.halfClose("client");
  expect(await ending()).toBe("end");
  expect(socket.writable).toBe(true);
});

test("a seed repeats its faults", () => {
  const faultsOf = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 100 }, () => drawFault(random));
  };
  expect(faultsOf(7)).toEqual(faultsOf(7));
  expect(faultsOf(7)).not.toEqual(faultsOf(8));
  expect(new Set(faultsOf(7).map(({ mode }) => mode)).size).toBe(7);
});
