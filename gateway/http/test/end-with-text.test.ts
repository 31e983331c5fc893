import { createServer, type Server } from "node:http";
import net, { type AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { endWhole, endWithText } from "../end-with-text";

const ASCII = '{"data":null}\n';
const UNICODE = '{"data":"naïve 日本 🚲"}\n';
/** More than a socket takes at once. */
const LARGE = "x".repeat(20_000_000);

let server: Server;
beforeAll(async () => {
  server = createServer((req, res) => {
    const body = req.url === "/unicode" ? UNICODE : req.url === "/large" ? LARGE : ASCII;
    const bytes = Buffer.byteLength(body);
    res.writeHead(200, { "content-length": bytes, "x-path": req.url ?? "" });
    if (req.url === "/bytes") endWhole(res, Buffer.from(body), "latin1");
    else endWithText(res, body, bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** All requests in one write, on one connection that the last of them closes. */
async function ask(...requests: readonly string[]): Promise<string> {
  const socket = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  const sent = requests.map(
    (line, i) => `${line} HTTP/1.1\r\nhost: a\r\n${i === requests.length - 1 ? "connection: close\r\n" : ""}\r\n`,
  );
  socket.write(sent.join(""));
  return (await textOf(socket)).replace(/(date|connection|keep-alive): [^\r]*\r\n/gi, "");
}

const answer = (path: string, body: string, sent = body) =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-path: ${path}\r\n\r\n${sent}`;

test("a text, one beyond ASCII, and bytes are sent with their heads, in the order in which they were asked for", async () => {
  await expect(ask("GET /", "GET /unicode", "GET /bytes")).resolves.toBe(
    answer("/", ASCII) + answer("/unicode", UNICODE) + answer("/bytes", ASCII),
  );
});

test("HEAD gets no body, and what comes after it is answered", async () => {
  await expect(ask("HEAD /", "GET /")).resolves.toBe(answer("/", ASCII, "") + answer("/", ASCII));
});

test("what a socket does not take at once comes whole", async () => {
  await expect(ask("GET /large", "GET /")).resolves.toBe(answer("/large", LARGE) + answer("/", ASCII));
});
