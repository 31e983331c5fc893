import { signWebhook } from "../sign-webhook";
import { createWebhookSender, type WebhookSender } from "../send-webhook";
import { createWebhookSecret } from "../webhook-secret";
import { type Receiver, startReceiver, verified } from "./receiver";

const DEVELOPMENT = { allowHttp: true, allowPrivate: true };
const secret = createWebhookSecret();
const body = JSON.stringify({ type: "t", timestamp: "2026-11-21T12:00:00Z", data: { n: 1 } });

describe("one attempt", () => {
  let receiver: Receiver;
  const senders: WebhookSender[] = [];
  const sender = (options: Partial<Parameters<typeof createWebhookSender>[0]> = {}) => {
    const made = createWebhookSender({ rules: DEVELOPMENT, ...options });
    senders.push(made);
    return made;
  };
  const send = (url = receiver.url, from = sender()) => {
    const at = new Date();
    return from.send({ url, headers: signWebhook({ id: "msg_1", body, at }, [secret]), body, at });
  };
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    await Promise.all(senders.splice(0).map((one) => one.close()));
  });

  test("is a POST of JSON whose signature the partner can verify", async () => {
    const attempt = await send(`${receiver.url}?a=1`);
    expect(attempt).toMatchObject({ status: 204, error: undefined, response: undefined });
    const [received] = receiver.received;
    expect(received).toMatchObject({ path: "/in?a=1", headers: { "content-type": "application/json" } });
    expect(verified(secret, received!)).toEqual(JSON.parse(body));
  });

  test.each([400, 401, 404, 410, 429, 500, 503])("that is answered with %d failed, and says so", async (status) => {
    receiver.answer = (res) => res.writeHead(status).end("no thanks");
    const attempt = await send();
    expect(attempt).toMatchObject({ status, response: "no thanks" });
    expect(attempt.error).toContain(String(status));
  });

  test("follows no redirect", async () => {
    receiver.answer = (res) => res.writeHead(307, { location: `${receiver.url}/elsewhere` }).end();
    expect((await send()).error).toContain("redirect");
    expect(receiver.received).toHaveLength(1);
  });

  test("keeps the beginning of a large answer, and takes no more of it", async () => {
    let wasCut: (() => void) | undefined;
    const cut = new Promise<void>((resolve) => (wasCut = resolve));
    receiver.answer = (res) => {
      res.writeHead(200).on("close", () => wasCut?.());
      const more = () => {
        while (!res.destroyed && res.write("\u0000x".repeat(32_768)));
      };
      res.on("drain", more);
      more();
    };
    const attempt = await send();
    expect(attempt).toMatchObject({ status: 200, error: undefined });
    expect(attempt.response).toMatch(/^x+$/);
    expect(attempt.response?.length).toBeLessThanOrEqual(4_096);
    await cut;
  });

  test("that gets no answer ends in time, also when the answer drips", async () => {
    const impatient = sender({ timeoutMs: 100 });
    receiver.answer = () => undefined;
    expect(await send(receiver.url, impatient)).toMatchObject({
      status: undefined,
      error: "There was no answer within 100 ms.",
    });
    // A byte of a header now and then keeps no request alive.
    let timer: NodeJS.Timeout | undefined;
    receiver.answer = (res) => {
      res.socket?.write("HTTP/1.1 200 OK\r\nx-slow: ");
      timer = setInterval(() => res.socket?.write("x"), 5);
    };
    expect((await send(receiver.url, impatient)).error).toBe("There was no answer within 100 ms.");
    clearInterval(timer);
    // Once there is a status it counts, and the rest is not waited for.
    receiver.answer = (res) => {
      res.writeHead(200).write("so");
    };
    expect(await send(receiver.url, impatient)).toMatchObject({ status: 200, error: undefined, response: "so" });
  });

  test("that cannot be made says why in words for the partner", async () => {
    const { url } = receiver;
    await receiver.close();
    expect((await send(url)).error).toBe("The connection was refused.");
    const unknown = sender({
      lookup: (_name, _options, done) => done(Object.assign(new Error("secret"), { code: "ENOTFOUND" }), []),
    });
    expect((await send("http://nobody.test/", unknown)).error).toBe("The name of the host is not known.");
    const odd = sender({ lookup: (_name, _options, done) => done(new Error("secrets of the resolver"), []) });
    expect((await send("http://nobody.test/", odd)).error).toBe("The request failed.");
    receiver = await startReceiver();
  });

  test("goes to no address of the own network, whatever the name meant when the endpoint was made", async () => {
    const { port } = new URL(receiver.url);
    const answers = [["127.0.0.1"], ["::ffff:127.0.0.1"], ["10.0.0.1", "::1"]];
    const asked: string[] = [];
    const guarded = sender({
      rules: { allowHttp: true, allowPrivate: false },
      lookup: (name, _options, done) => {
        asked.push(name);
        done(
          null,
          (answers.shift() ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        );
      },
    });
    for (let i = 0; i < 3; i++) {
      expect(await send(`http://rebound.test:${port}/`, guarded)).toMatchObject({
        status: undefined,
        error: "The URL must lead to an address of the public internet.",
      });
    }
    expect(asked).toEqual(["rebound.test", "rebound.test", "rebound.test"]);
    // A literal address is looked up nowhere.
    expect((await send(receiver.url, guarded)).error).toContain("public internet");
    expect(receiver.received).toHaveLength(0);
  });
});
