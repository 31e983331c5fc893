import { once } from "node:events";
import net from "node:net";
import { type HttpListener, listen } from "../http/listen";
import { BodyTooLargeError, readBody } from "../http/read-body";

const HOST = "127.0.0.1";
let listener: HttpListener;

const start = () =>
  listen(
    (req, res) => {
      readBody(req, 1_000).then(
        (body) => res.end(String(body.length)),
        (error: unknown) => {
          res.statusCode = error instanceof BodyTooLargeError ? 413 : 500;
          res.setHeader("connection", "close");
          res.end();
        },
      );
    },
    { port: 0, host: HOST },
  );

beforeEach(async () => {
  listener = await start();
});
afterEach(() => listener.close());

const post = (body: string | ReadableStream<Uint8Array>) =>
  fetch(`http://${HOST}:${listener.port}/`, { method: "POST", body, duplex: "half" } as RequestInit);

test("reads a whole body", async () => {
  expect(await (await post("x".repeat(1_000))).text()).toBe("1000");
});

test("a body that says it is too large is refused before it is read", async () => {
  expect((await post("x".repeat(1_001))).status).toBe(413);
});

test("a body that turns out too large gets its answer, not a broken connection", async () => {
  const socket = net.connect(listener.port, HOST);
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n${"x".repeat(2_000)}\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
});

test("a client that goes before the end of its body is an error, once it is known and afterwards", async () => {
  const outcomes: Promise<unknown>[] = [];
  const twice = await listen(
    (req) => {
      const read = () => readBody(req, 1_000).catch(({ message }: Error) => message);
      const outcome = read();
      outcomes.push(outcome, outcome.then(read));
      req.socket.destroySoon();
    },
    { port: 0, host: HOST },
  );
  const socket = net.connect(twice.port, HOST);
  socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nx");
  socket.on("error", () => undefined);
  await once(socket, "close");
  expect(await Promise.all(outcomes)).toEqual(["aborted", "the client went before the end of the body"]);
  await twice.close();
});

test("a port that is in use is told in one sentence that names the setting", async () => {
  await expect(listen(() => undefined, { port: listener.port, host: HOST })).rejects.toThrow(
    `Port ${listener.port} on ${HOST} is in use; set PORT to another one.`,
  );
  await expect(listen(() => undefined, { port: 0, host: "203.0.113.1" })).rejects.toThrow(/set HOST/);
});

test("closing does not wait for a connection that has never asked anything", async () => {
  const silent = net.connect(listener.port, HOST);
  silent.on("error", () => undefined);
  await once(silent, "connect");
  // Answered after the silent connection was accepted, so the server knows of it.
  await post("x");
  const closed = once(silent, "close");
  await listener.close();
  await closed;
});
