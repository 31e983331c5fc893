import { newId } from "../../../../kit/ids";
import { createMemoryQuotas } from "../create-memory-quotas";
import type { Quota, QuotaBucket, QuotaStore } from "../quota";
import { createRedisQuotas } from "../create-redis-quotas";

const redisUrl = process.env["TEST_REDIS_URL"];

const kinds: readonly (readonly [string, (now: () => number) => QuotaStore])[] = [
  ["in memory", createMemoryQuotas],
  ...(redisUrl === undefined
    ? []
    : [["in Redis", (now: () => number) => createRedisQuotas({ url: redisUrl, now })] as const]),
];

/** Ids that no other run has. */
const bucketOf = (units: number, windowS: number): QuotaBucket => ({ id: `{${newId()}}`, units, windowS });

/** Redis is connected to in the background. */
async function whenReady(store: QuotaStore): Promise<QuotaStore> {
  for (;;) {
    try {
      await store.reserve([bucketOf(1, 1)], 0);
      return store;
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe.each(kinds)("quotas %s", (_kind, create) => {
  let store: QuotaStore;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = 1_800_000_000_000;
    store = await whenReady(create(() => nowMs));
  });
  afterEach(() => store.close());
  const left = async (...buckets: QuotaBucket[]) => (await store.reserve(buckets, 0)).left;

  it("a bucket begins full, and grants what it holds", async () => {
    const bucket = bucketOf(100, 60);
    expect(await store.reserve([bucket], 60)).toMatchObject({ isGranted: true, left: [40] });
    expect(await store.reserve([bucket], 41)).toMatchObject({ isGranted: false, left: [40] });
    expect(await store.reserve([bucket], 40)).toMatchObject({ isGranted: true, left: [0] });
    expect(await store.reserve([bucket], 1)).toMatchObject({ isGranted: false, left: [0] });
  });

  it("takes from every bucket or from none", async () => {
    const [partner, key] = [bucketOf(100, 60), bucketOf(30, 60)];
    expect(await store.reserve([partner, key], 30)).toMatchObject({ isGranted: true, left: [70, 0] });
    expect(await store.reserve([partner, key], 1)).toMatchObject({ isGranted: false, left: [70, 0] });
    expect(await left(partner, key)).toEqual([70, 0]);
  });

  it("gives back exactly what the time that passed is worth, to the last part of a unit", async () => {
    const bucket = bucketOf(120, 60);
    await store.reserve([bucket], 120);
    nowMs += 499;
    expect((await store.reserve([bucket], 1)).isGranted).toBe(false);
    nowMs += 1;
    expect(await store.reserve([bucket], 1)).toMatchObject({ isGranted: true, left: [0] });
    nowMs += 250;
    expect(await left(bucket)).toEqual([0.5]);
    nowMs += 250;
    expect(await store.reserve([bucket], 1)).toMatchObject({ isGranted: true, left: [0] });
    nowMs += 59_999;
    expect((await left(bucket))[0]).toBeCloseTo(119.998);
    nowMs += 100_000;
    expect(await left(bucket)).toEqual([120]);
  });

  it("settling gives the rest back, and takes more where more was used", async () => {
    const [one, other] = [bucketOf(100, 60), bucketOf(50, 60)];
    const reservation = await store.reserve([one, other], 40);
    reservation.settle(1);
    expect(await left(one, other)).toEqual([99, 49]);
    (await store.reserve([one, other], 10)).settle(45);
    expect(await left(one, other)).toEqual([54, 4]);
    (await store.reserve([one], 10)).settle(10);
    expect(await left(one)).toEqual([44]);
  });

  it("a bucket never holds more than its quota, nor owes more than it", async () => {
    const bucket = bucketOf(100, 60);
    const reservation = await store.reserve([bucket], 50);
    nowMs += 60_000;
    reservation.settle(0);
    expect(await left(bucket)).toEqual([100]);
    (await store.reserve([bucket], 10)).settle(Number.MAX_SAFE_INTEGER);
    expect(await left(bucket)).toEqual([-100]);
    nowMs += 60_000;
    expect(await left(bucket)).toEqual([0]);
  });

  it("what is larger than a bucket is never granted, and harms nothing", async () => {
    const bucket = bucketOf(100, 60);
    for (const units of [101, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE]) {
      expect(await store.reserve([bucket], units)).toMatchObject({ isGranted: false, left: [100] });
    }
  });

  it("a quota that is changed holds at once for what is left", async () => {
    const bucket = bucketOf(100, 60);
    await store.reserve([bucket], 20);
    const changed = (quota: Quota) => left({ ...bucket, ...quota });
    expect(await changed({ units: 50, windowS: 60 })).toEqual([50]);
    expect(await changed({ units: 1_000, windowS: 10 })).toEqual([80]);
  });

  it("a clock that is set back gives nothing twice", async () => {
    const bucket = bucketOf(60, 60);
    await store.reserve([bucket], 60);
    nowMs -= 10_000;
    expect(await left(bucket)).toEqual([0]);
    expect((await store.reserve([bucket], 1)).isGranted).toBe(false);
    nowMs += 11_000;
    expect(await store.reserve([bucket], 1)).toMatchObject({ isGranted: true, left: [0] });
  });

  it("of many at once no more are granted than there is room for", async () => {
    const [partner, key] = [bucketOf(1_000, 60), bucketOf(700, 60)];
    const reservations = await Promise.all(Array.from({ length: 300 }, async () => store.reserve([partner, key], 7)));
    expect(reservations.filter(({ isGranted }) => isGranted)).toHaveLength(100);
    expect(await left(partner, key)).toEqual([300, 0]);
  });
});

describe("a bucket in memory", () => {
  const NOW_MS = 1_800_000_000_000;
  const left = async (store: QuotaStore, buckets: readonly QuotaBucket[]) => (await store.reserve(buckets, 0)).left;

  it("is one, whether the same buckets are asked for again or others with its id", async () => {
    const store = createMemoryQuotas(() => NOW_MS);
    const bucket = bucketOf(100, 60);
    const [buckets, sameAgain] = [[bucket], [bucket]];
    for (let i = 0; i < 3; i++) {
      expect(await store.reserve(buckets, 10)).toMatchObject({ left: [90 - 20 * i] });
      expect(await store.reserve(sameAgain, 10)).toMatchObject({ left: [80 - 20 * i] });
    }
  });

  it("that was forgotten for others is full again, and one for all who ask then", async () => {
    const store = createMemoryQuotas(() => NOW_MS);
    const bucket = bucketOf(100, 60);
    const [buckets, sameAgain] = [[bucket], [bucket]];
    await store.reserve(buckets, 100);
    await store.reserve(sameAgain, 0);
    for (let i = 0; i < 50_000; i++) void store.reserve([{ id: String(i), units: 1, windowS: 60 }], 1);
    expect(await store.reserve(sameAgain, 70)).toMatchObject({ isGranted: true, left: [30] });
    expect(await left(store, buckets)).toEqual([30]);
    expect(await store.reserve(buckets, 31)).toMatchObject({ isGranted: false });
  });

  it("that is in use is not the one that is forgotten for others", async () => {
    let nowMs = NOW_MS;
    const store = createMemoryQuotas(() => nowMs);
    const buckets = [bucketOf(60, 1_000_000)];
    for (let i = 0; i < 60_000; i++) {
      void store.reserve([{ id: String(i), units: 1, windowS: 60 }], 1);
      if (i % 10_000 !== 0) continue;
      nowMs += 1_000;
      expect(await store.reserve(buckets, 10)).toMatchObject({ isGranted: true });
    }
    expect(await store.reserve(buckets, 10)).toMatchObject({ isGranted: false });
  });
});

const inRedis = redisUrl === undefined ? describe.skip : describe;

inRedis("quotas of two gateways in one Redis", () => {
  const stores: QuotaStore[] = [];
  const open = async (now?: () => number) => {
    const store = await whenReady(createRedisQuotas({ url: redisUrl ?? "", ...(now ? { now } : {}) }));
    stores.push(store);
    return store;
  };
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));

  it("500 reservations at once never take more than there is", async () => {
    const nowMs = 1_800_000_000_000;
    const both = [await open(() => nowMs), await open(() => nowMs)];
    const [partner, key] = [bucketOf(1_000, 3_600), bucketOf(900, 3_600)];
    const reservations = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => both[i % 2]!.reserve([partner, key], 1 + (i % 5))),
    );
    const granted = reservations.map(({ isGranted }, i) => (isGranted ? 1 + (i % 5) : 0)).reduce((a, b) => a + b);
    expect(granted).toBeLessThanOrEqual(900);
    expect(granted).toBeGreaterThan(895);
    expect((await both[0]!.reserve([partner, key], 0)).left).toEqual([1_000 - granted, 900 - granted]);
  });

  it("what one settles the other one can use, by the server's own time", async () => {
    const [one, other] = [await open(), await open()];
    const bucket = bucketOf(100, 86_400);
    const reservation = await one.reserve([bucket], 100);
    expect((await other.reserve([bucket], 50)).isGranted).toBe(false);
    reservation.settle(1);
    // On the same connection and therefore after it.
    await one.reserve([bucket], 0);
    expect(await other.reserve([bucket], 99)).toMatchObject({ isGranted: true });
  });
});
