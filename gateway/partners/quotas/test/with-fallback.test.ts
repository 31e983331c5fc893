import { startTcpProxy, type TcpProxy } from "../../../../e2e/harness/tcp-proxy";
import { newId } from "../../../../kit/ids";
import { recordingLog } from "../../../test/harness/recording-log";
import { createMemoryQuotas } from "../create-memory-quotas";
import type { QuotaStore, Reservation } from "../quota";
import { createRedisQuotas } from "../create-redis-quotas";
import { withFallback } from "../with-fallback";

const bucketOf = () => ({ id: `{${newId()}}`, units: 100, windowS: 86_400 });
const AWAY = "quotas are not shared between gateways: redis does not answer";
const BACK = "quotas are shared between gateways again";

describe("a shared store of quotas that fails", () => {
  let nowMs: number;
  let asked: number;
  let answer: () => Promise<Reservation>;
  let store: QuotaStore;
  let fallbacks: number;
  const { log, lines } = recordingLog();
  const messages = () => lines.map(({ msg }) => msg);
  const settled: number[] = [];
  const granted: Reservation = { isGranted: true, left: [7], settle: (units) => void settled.push(units) };
  const bucket = bucketOf();

  beforeEach(() => {
    nowMs = asked = fallbacks = 0;
    lines.length = settled.length = 0;
    answer = () => Promise.resolve(granted);
    store = withFallback({
      shared: { reserve: () => (asked++, answer()), close: () => Promise.resolve() },
      local: createMemoryQuotas(() => 0),
      log,
      onFallback: () => fallbacks++,
      now: () => nowMs,
    });
  });

  it("is asked while it answers", async () => {
    expect((await store.reserve([bucket], 1)).left).toEqual([7]);
    expect([asked, fallbacks, messages()]).toEqual([1, 0, []]);
  });

  it("is replaced within the call, left alone for a while, tried by one call, and used again", async () => {
    answer = () => Promise.reject(new Error("connection lost"));
    expect((await store.reserve([bucket], 1)).left).toEqual([99]);
    expect((await store.reserve([bucket], 1)).left).toEqual([98]);
    expect([asked, fallbacks]).toEqual([1, 2]);
    nowMs = 499;
    await store.reserve([bucket], 1);
    expect(asked).toBe(1);
    nowMs = 500;
    await Promise.all([store.reserve([bucket], 1), store.reserve([bucket], 1), store.reserve([bucket], 1)]);
    expect([asked, fallbacks]).toEqual([2, 6]);
    expect(messages()).toEqual([AWAY]);

    answer = () => Promise.resolve(granted);
    nowMs = 1_000;
    expect((await store.reserve([bucket], 1)).left).toEqual([7]);
    expect([fallbacks, messages()]).toEqual([6, [AWAY, BACK]]);
  });

  it("that says nothing keeps a call for a moment only, and what it grants too late is given back", async () => {
    let answerLate: (reservation: Reservation) => void = () => undefined;
    answer = () => new Promise((resolve) => (answerLate = resolve));
    expect((await store.reserve([bucket], 1)).left).toEqual([99]);
    answerLate(granted);
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toEqual([0]);
  });
});

const redisUrl = process.env["TEST_REDIS_URL"];
const inRedis = redisUrl === undefined ? describe.skip : describe;

inRedis("a Redis that goes away", () => {
  let proxy: TcpProxy;
  let store: QuotaStore;
  let fallbacks: number;
  const { log, lines } = recordingLog();

  beforeEach(async () => {
    lines.length = fallbacks = 0;
    const { hostname, port } = new URL(redisUrl ?? "");
    proxy = await startTcpProxy({ host: hostname, port: Number(port || 6379) });
    store = withFallback({
      shared: createRedisQuotas({ url: `redis://127.0.0.1:${proxy.port}` }),
      local: createMemoryQuotas(),
      log,
      onFallback: () => fallbacks++,
    });
    await reserveShared();
  });
  afterEach(async () => {
    await proxy.heal();
    await store.close();
    await proxy.close();
  });

  /** Reserves until a reservation is one of Redis. */
  const reserveShared = async (bucket = bucketOf()) => {
    for (;;) {
      const before = fallbacks;
      const reservation = await store.reserve([bucket], 1);
      if (fallbacks === before) return reservation;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const reserveLocally = async (bucket = bucketOf()) => {
    for (;;) {
      const before = fallbacks;
      const reservation = await store.reserve([bucket], 1);
      if (fallbacks > before) return reservation;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it.each<[string, () => unknown]>([
    ["is killed", () => proxy.refuse()],
    ["hangs", () => proxy.hold()],
    ["is forgotten by a firewall", () => proxy.abandon()],
  ])("and %s is done without at once, and used again when it is back, with what it knew", async (_what, breakIt) => {
    const bucket = bucketOf();
    await store.reserve([bucket], 39);
    await breakIt();
    const began = performance.now();
    const local = await reserveLocally(bucket);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(local.left[0]).toBe(99);
    local.settle(0);
    await proxy.heal();
    const { left } = await reserveShared(bucket);
    expect(left[0]).toBeLessThan(61);
    expect(left[0]).toBeGreaterThan(50);
    const said = lines.map(({ msg }) => msg).filter((msg) => msg === AWAY || msg === BACK);
    expect(said.slice(-2)).toEqual([AWAY, BACK]);
  });
});
