import http from "node:http";
import type { AddressInfo } from "node:net";
import { findFreePorts } from "../free-ports";
import type { Settings } from "../settings";
import type { Terminal } from "../terminal";
import { waitUntilReady } from "../wait-until-ready";

const patience = { pollMs: 5, probeAfterMs: 10, serverMs: 60, totalMs: 120 };

describe("waitUntilReady", () => {
  const said: string[] = [];
  const terminal: Terminal = { say: (text) => void said.push(text), during: (_, step) => step };
  let server: http.Server;
  let url: string;
  let answer: { status: number; checks: Record<string, string> };

  beforeEach(async () => {
    said.length = 0;
    server = http.createServer((_, response) => {
      response.writeHead(answer.status).end(JSON.stringify({ ready: answer.status === 200, checks: answer.checks }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health/ready`;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const wait = (servers: Settings["servers"] = {}, signal = new AbortController().signal, at = url) =>
    waitUntilReady({ url: at, servers, terminal, signal, patience, onFailing: (checks) => void failing.push(checks) });
  const failing: (readonly string[])[] = [];

  it("waits for status 200, telling which checks fail until then", async () => {
    answer = { status: 503, checks: { users: "ok", orders: "failing" } };
    failing.length = 0;
    const ready = wait();
    while (failing.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answer = { status: 200, checks: {} };
    await ready;
    expect(failing[0]).toEqual(["orders"]);
  });

  it("says which setting's server does not answer, once, and gives up on it by name without the password", async () => {
    answer = { status: 503, checks: {} };
    const [port] = await findFreePorts(1);
    const AMQP_URL = `amqp://guest:hunter2@127.0.0.1:${port}`;
    const sentence = `AMQP_URL: RabbitMQ at 127.0.0.1:${port} does not let us in (connect ECONNREFUSED 127.0.0.1:${port}).`;
    await expect(wait({ AMQP_URL })).rejects.toThrow(sentence);
    expect(said).toEqual([`${sentence} Still trying.`]);
  });

  it("is not content with a platform that is ready without one of the user's servers", async () => {
    answer = { status: 200, checks: { users: "ok" } };
    const [port] = await findFreePorts(1);
    await expect(wait({ REDIS_URL: `redis://127.0.0.1:${port}` })).rejects.toThrow(
      `REDIS_URL: Redis at 127.0.0.1:${port}`,
    );
  });

  it("gives up with the checks that fail when every server answers", async () => {
    answer = { status: 503, checks: { users: "ok", products: "failing", orders: "failing" } };
    await expect(wait()).rejects.toThrow("Not ready after 0.12 s: products, orders.");
  });

  it("takes a gateway that does not answer yet as not ready", async () => {
    const [port] = await findFreePorts(1);
    await expect(wait({}, undefined, `http://127.0.0.1:${port}/`)).rejects.toThrow("Not ready after 0.12 s: gateway.");
  });

  it("stops at once when told to", async () => {
    answer = { status: 503, checks: {} };
    const stop = new AbortController();
    const waiting = wait({}, stop.signal);
    stop.abort(new Error("Ctrl-C"));
    await expect(waiting).rejects.toThrow("Ctrl-C");
  });
});
