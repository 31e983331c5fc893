import { createFakeClock, type FakeClock } from "../../../streams/core/test/fakes/fake-clock";
import { createDeliveryWorker } from "../create-delivery-worker";
import { createEndpointGuard, MAX_PARKED_IN_A_ROW } from "../guard-endpoints";
import type { Pump } from "../pump";
import type { Retry } from "../retry-schedule";
import { createSendMessage } from "../send-message";
import { createWebhookSender, type WebhookSender } from "../send-webhook";
import { createSecretSealer, createWebhookSecret } from "../webhook-secret";
import { type Received, type Receiver, startReceiver, verified } from "./receiver";
import { log, metrics, openWebhookDatabase, sealer, type WebhookDatabase } from "./webhook-database";

const SWEEP_MS = 15_000;
const DELAYS_MS = [5_000, 60_000];
const numbers = (received: readonly Received[]) =>
  received
    .map(({ text }) => (JSON.parse(text) as { data: { id: string; n: number } }).data)
    .map(({ id, n }) => `${id}${n}`);

describe("deliveries", () => {
  let db: WebhookDatabase;
  let receiver: Receiver;
  let other: Receiver;
  let clock: FakeClock;
  let sender: WebhookSender;
  const opened: Pump[] = [];
  const retries: Retry[] = [];

  const now = () => new Date(clock.now());
  /** One gateway's worker. @param timeoutMs of a request */
  const worker = (timeoutMs = 10_000) => {
    sender = createWebhookSender({ rules: { allowHttp: true, allowPrivate: true }, timeoutMs });
    const { endpoints, messages } = db;
    const send = createSendMessage({ endpoints, sealer, send: sender.send, now });
    const common = { messages, send, clock, metrics: metrics(), log };
    const pump = createDeliveryWorker({
      ...common,
      guard: createEndpointGuard({ ...common, endpoints, now }),
      retryLater: (retry) => void retries.push(retry),
      delaysMs: DELAYS_MS,
      sweepMs: SWEEP_MS,
    });
    const { close } = sender;
    opened.push({
      ...pump,
      close: async () => {
        await close();
        await pump.close();
      },
    });
    return pump;
  };
  /** The states of an endpoint's messages, once they are these. */
  const become = async (endpointId: string, states: Readonly<Record<string, number>>) => {
    for (;;) {
      const rows = await db.source.query<{ state: string; n: number }[]>(
        "select state, count(*)::int as n from webhook_messages where endpoint_id = $1 group by state",
        [endpointId],
      );
      const found = Object.fromEntries(rows.map(({ state, n }) => [state, n]));
      if (JSON.stringify(found, Object.keys(found).sort()) === JSON.stringify(states, Object.keys(states).sort()))
        return;
    }
  };
  /** So many failed attempts are written down. */
  const attempted = async (endpointId: string, count: number) => {
    for (;;) {
      const [row] = await db.source.query<{ n: number }[]>(
        `select count(*)::int as n from webhook_attempts a join webhook_messages m on m.id = a.message_id
         where m.endpoint_id = $1 and m.locked_until is null`,
        [endpointId],
      );
      if (row!.n >= count) return;
    }
  };
  /** The row is there a moment before the worker says when it is tried again. */
  const told = async (count: number) => {
    while (retries.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  const endpointOf = async (id: string) => (await db.endpoints.find(db.partnerId, id))!;

  beforeAll(async () => {
    db = await openWebhookDatabase();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    clock = createFakeClock();
    receiver = await startReceiver();
    other = await startReceiver();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await Promise.all([receiver.close(), other.close()]);
    retries.splice(0);
    await db.source.query("delete from webhook_endpoints");
  });

  test("a message is delivered once, signed for its endpoint", async () => {
    const { id, secret } = await db.endpoint(receiver.url);
    await db.ready(id, [["a", 1]], now());
    worker();
    await become(id, { delivered: 1 });
    expect(verified(secret, receiver.received[0]!, clock.now())).toMatchObject({ data: { id: "a", n: 1 } });
    const { messages } = await db.messages.page(id, { state: undefined, before: undefined, limit: 10 });
    expect(receiver.received.map((one) => one.id)).toEqual(messages.map((one) => one.id));
    expect(messages).toMatchObject([{ state: "delivered", attempts: 1 }]);
  });

  test("an undelivered message keeps back what follows of its entity, and nothing else", async () => {
    const { id } = await db.endpoint(receiver.url);
    receiver.answer = (res, { text }) => res.writeHead(text.includes('"a"') ? 500 : 204).end();
    await db.ready(
      id,
      [
        ["a", 1],
        ["a", 2],
        ["b", 1],
        ["a", 3],
        ["b", 2],
      ],
      now(),
    );
    const pump = worker();
    await become(id, { delivered: 2, waiting: 1, queued: 2 });
    await attempted(id, 3);
    expect(numbers(receiver.received).filter((one) => one.startsWith("b"))).toEqual(["b1", "b2"]);
    expect(numbers(receiver.received).filter((one) => one.startsWith("a"))).toEqual(["a1"]);
    // Not before its time, and then in order.
    receiver.answer = 204;
    pump.wake();
    await clock.settle();
    expect(receiver.received).toHaveLength(3);
    await clock.pass(2 * DELAYS_MS[0]!);
    await become(id, { delivered: 5 });
    expect(numbers(receiver.received).filter((one) => one.startsWith("a"))).toEqual(["a1", "a1", "a2", "a3"]);
    expect(
      new Set(
        receiver.received.filter(({ text }) => text.includes('"n":1') && text.includes('"a"')).map((one) => one.id),
      ).size,
    ).toBe(1);
  });

  test("what fails with every attempt is parked, and what waited behind it has its turn", async () => {
    const { id } = await db.endpoint(receiver.url);
    receiver.answer = (res, { text }) => res.writeHead(text.includes('"n":1}') ? 500 : 204).end();
    await db.ready(
      id,
      [
        ["a", 1],
        ["a", 2],
      ],
      now(),
    );
    worker();
    for (const [i, delayMs] of DELAYS_MS.entries()) {
      await attempted(id, i + 1);
      await told(i + 1);
      expect(retries[i]?.delayMs).toBe(delayMs);
      expect(retries[i]!.at.getTime()).toBeGreaterThanOrEqual(clock.now() + delayMs);
      await clock.pass(2 * delayMs);
    }
    await become(id, { parked: 1, delivered: 1 });
    expect(numbers(receiver.received)).toEqual(["a1", "a1", "a1", "a2"]);
    expect(retries).toHaveLength(2);
    expect((await endpointOf(id)).failingSince).toBeUndefined();
  });

  test("a message whose gateway dies is sent by another one when the lease is over, not sooner", async () => {
    const { id } = await db.endpoint(receiver.url);
    await db.ready(
      id,
      [
        ["a", 1],
        ["a", 2],
      ],
      now(),
    );
    // The first request is answered never: its gateway is as good as dead.
    receiver.answer = () => undefined;
    worker();
    await receiver.got(1);
    receiver.answer = 204;
    worker();
    await clock.pass(29_000);
    expect(receiver.received).toHaveLength(1);
    await clock.pass(SWEEP_MS + 1);
    await become(id, { delivered: 2 });
    expect(numbers(receiver.received)).toEqual(["a1", "a1", "a2"]);
    expect(receiver.received[0]?.id).toBe(receiver.received[1]?.id);
  });

  test("a gateway that ends gives back what it could not send, and another one sends it without waiting", async () => {
    const { id } = await db.endpoint(receiver.url);
    await db.ready(id, [["a", 1]], now());
    receiver.answer = () => undefined;
    const ending = worker();
    await receiver.got(1);
    await ending.close();
    expect((await db.messages.page(id, { state: "waiting", before: undefined, limit: 1 })).messages).toMatchObject([
      { attempts: 0 },
    ]);
    receiver.answer = 204;
    worker();
    await become(id, { delivered: 1 });
  });

  test("a gateway that comes back after its lease changes nothing any more", async () => {
    const { id } = await db.endpoint(receiver.url);
    await db.ready(id, [["a", 1]], now());
    const lease = async () => {
      const due = await db.messages.due(now(), 1);
      const options = { at: now(), until: new Date(clock.now() + 60_000), token: crypto.randomUUID() };
      return db.messages.lease(
        due.map((one) => one.id),
        options,
      );
    };
    const [first] = await lease();
    expect(await lease()).toEqual([]);
    await clock.pass(60_001);
    const [second] = await lease();
    const attempt = { at: now(), status: 204, durationMs: 1, error: undefined, response: undefined };
    expect(await db.messages.settle(first!, attempt, { kind: "delivered" })).toBeUndefined();
    await become(id, { waiting: 1 });
    expect(await db.messages.settle(second!, attempt, { kind: "delivered" })).toEqual({ parkedInARow: 0 });
    await become(id, { delivered: 1 });
  });

  test("two gateways share the work: each message is sent once", async () => {
    const { id } = await db.endpoint(receiver.url);
    await db.ready(
      id,
      Array.from({ length: 60 }, (_, i) => [`e${i % 10}-`, i] as const),
      now(),
    );
    worker();
    worker();
    await become(id, { delivered: 60 });
    const sent = numbers(receiver.received);
    expect(new Set(sent).size).toBe(60);
    expect(sent).toHaveLength(60);
    for (let entity = 0; entity < 10; entity++) {
      const own = sent.filter((one) => one.startsWith(`e${entity}-`));
      expect(own).toEqual([0, 10, 20, 30, 40, 50].map((n) => `e${entity}-${n + entity}`));
    }
  });

  test("dead and silent endpoints, however many, do not keep a live one waiting", async () => {
    receiver.answer = () => undefined;
    const silent = await Promise.all(Array.from({ length: 40 }, () => db.endpoint(receiver.url)));
    for (const { id } of silent) {
      await db.ready(
        id,
        Array.from({ length: 4 }, (_, i) => [`s${i}`, i] as const),
        now(),
      );
    }
    worker();
    // Every place is taken, by requests that never end.
    await receiver.got(128);
    const live = await db.endpoint(other.url);
    await db.ready(
      live.id,
      Array.from({ length: 20 }, (_, i) => [`l${i}`, i] as const),
      now(),
    );
    // From now on it is known that they are slow, and they have their places among themselves.
    await clock.pass(2_000);
    await become(live.id, { delivered: 20 });
    expect(other.received).toHaveLength(20);
  });

  test("a rotated secret signs beside the one before until the overlap is over, and then alone", async () => {
    const { id, secret } = await db.endpoint(receiver.url);
    const next = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
    const expiresAt = new Date(clock.now() + 3_600_000);
    await db.endpoints.rotate(id, sealer.seal(next, id), { at: now(), expiresAt });
    await db.ready(id, [["a", 1]], now());
    worker();
    await become(id, { delivered: 1 });
    const [first] = await receiver.got(1);
    for (const one of [secret, next]) expect(() => verified(one, first!, clock.now())).not.toThrow();
    await clock.pass(3_600_000);
    await db.ready(id, [["a", 2]], now());
    await clock.pass(SWEEP_MS);
    const [, second] = await receiver.got(2);
    expect(() => verified(next, second!, clock.now())).not.toThrow();
    expect(() => verified(secret, second!, clock.now())).toThrow();
  });

  test("an endpoint that says it is gone is disabled at once, and hears nothing more", async () => {
    const { id } = await db.endpoint(receiver.url);
    receiver.answer = 410;
    await db.ready(
      id,
      [
        ["a", 1],
        ["a", 2],
      ],
      now(),
    );
    const pump = worker();
    await become(id, { parked: 1, waiting: 1 });
    while ((await endpointOf(id)).state === "active");
    expect((await endpointOf(id)).disabledReason).toContain("410");
    expect((await db.endpoints.log(id, 1))[0]).toMatchObject({ kind: "disabled" });
    pump.wake();
    await clock.pass(SWEEP_MS);
    expect(receiver.received).toHaveLength(1);
  });

  test("an endpoint with nothing but parked messages is disabled with a last message that says so", async () => {
    const { id, secret } = await db.endpoint(receiver.url);
    await db.source.query("update webhook_endpoints set parked_in_a_row = $2 where id = $1", [
      id,
      MAX_PARKED_IN_A_ROW - 1,
    ]);
    await db.ready(id, [["a", 1]], now());
    await db.source.query("update webhook_messages set attempts = $1", [DELAYS_MS.length]);
    receiver.answer = 500;
    worker();
    const [, notice] = await receiver.got(2);
    expect(verified(secret, notice!, clock.now())).toMatchObject({
      type: "tributary.webhook.disabled",
      data: { endpointId: id },
    });
    await become(id, { parked: 2 });
    expect(await endpointOf(id)).toMatchObject({ state: "disabled" });
    // Made active again it begins afresh.
    await db.endpoints.change(id, { state: "active" }, now());
    expect(await endpointOf(id)).toMatchObject({ state: "active", disabledReason: undefined, failingSince: undefined });
  });

  test("a message whose endpoint's secret cannot be read fails with words for its partner; after a rotation it is sent", async () => {
    const { id } = await db.endpoint(receiver.url);
    const other = createSecretSealer("the key of a gateway that was set up anew");
    await db.source.query("update webhook_secrets set sealed = $2 where endpoint_id = $1", [
      id,
      other.seal(createWebhookSecret(), id),
    ]);
    await db.ready(id, [["a", 1]], now());
    const pump = worker();
    await told(1);
    const { messages } = await db.messages.page(id, { state: undefined, before: undefined, limit: 1 });
    expect(messages[0]?.lastError).toContain("rotate it");
    const secret = createWebhookSecret();
    const expiresAt = new Date(clock.now() + 86_400_000);
    await db.endpoints.rotate(id, sealer.seal(secret, id), { at: now(), expiresAt });
    await clock.pass(DELAYS_MS[0]! * 2);
    pump.wake();
    await become(id, { delivered: 1 });
    expect(() => verified(secret, receiver.received[0]!, clock.now())).not.toThrow();
  });

  test("replayed messages go out again under their ids, in their order and after what waits", async () => {
    const { id } = await db.endpoint(receiver.url);
    await db.ready(
      id,
      [
        ["a", 1],
        ["a", 2],
        ["b", 1],
      ],
      now(),
    );
    const pump = worker();
    await become(id, { delivered: 3 });
    await db.source.query("update webhook_messages set state = 'parked' where endpoint_id = $1", [id]);
    expect(await db.messages.replayParked(id, new Date(clock.now() + 1), 10, now())).toBe(0);
    expect(await db.messages.replayParked(id, new Date(0), 10, now())).toBe(3);
    pump.wake();
    await become(id, { delivered: 3 });
    const sent = numbers(receiver.received);
    expect(sent.filter((one) => one.startsWith("a"))).toEqual(["a1", "a2", "a1", "a2"]);
    expect(new Set(receiver.received.map((one) => one.id)).size).toBe(3);
    const a1 = receiver.received.find(({ text }) => text.includes('"a"'))!;
    expect(await db.messages.replay(id, a1.id, now())).toBe(true);
    expect(await db.messages.replay(id, a1.id, now())).toBe(false);
    expect(await db.messages.replay(crypto.randomUUID(), a1.id, now())).toBe(false);
    pump.wake();
    await become(id, { delivered: 3 });
    expect(receiver.received.at(-1)?.id).toBe(a1.id);
  });
});
