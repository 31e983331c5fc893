import { randomUUID } from "node:crypto";
import { createLogger } from "../../../../kit/log";
import type { Database } from "../../../../kit/postgres/open-database";
import { createTestDatabase, type TestDatabase } from "../../../../kit/test/postgres-database";
import { createIdempotencyStore } from "../../store/create-idempotency-store";
import { openPartnersDatabase } from "../../store/open-partners-database";
import type { IdempotencyStore, ScopedKey } from "../idempotency-store";

const LEASE_MS = 60_000;
const ANSWER = { status: 200, contentType: "application/json; charset=utf-8", body: '{"data":{"ä":"\\u0000"}}\n' };

describe("keys of idempotent calls in PostgreSQL", () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let store: IdempotencyStore;
  let partnerId: string;
  let serial = 0;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await openPartnersDatabase({ url: testDatabase.url, log: createLogger("test", "silent") });
    store = createIdempotencyStore({ source: database.source, keepHours: 24, leaseMs: LEASE_MS });
    partnerId = await addPartner();
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.close();
  });

  const addPartner = async () => {
    const id = randomUUID();
    await database.source.query("insert into partners (id, slug, name) values ($1, $2, 'P')", [id, `p${serial++}`]);
    return id;
  };
  const newKey = (): ScopedKey => ({ partnerId, mode: "live", key: `key-${serial++}` });
  const take = (key: ScopedKey, claim: string = randomUUID(), fingerprint = "f") =>
    store.take(key, { fingerprint, operation: "Buy", claim });
  /** As if so much time had gone by. */
  const age = ({ partnerId: owner, mode, key }: ScopedKey, seconds: number) =>
    database.source.query(
      `update idempotency_keys set lease_until = lease_until - make_interval(secs => $4), expires_at = expires_at - make_interval(secs => $4)
       where partner_id = $1 and mode = $2 and key = $3`,
      [owner, mode, key, seconds],
    );

  it("of many calls at once, one takes the key and the others hear that it runs", async () => {
    const key = newKey();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => take(key)));
    expect(outcomes.filter((one) => one === undefined)).toHaveLength(1);
    for (const one of outcomes.filter((other) => other !== undefined)) {
      expect(one).toEqual({ fingerprint: "f", state: "running", forMs: expect.any(Number) });
    }
  });

  it("the same text is another key for another partner and in the other mode", async () => {
    const key = newKey();
    const others: ScopedKey[] = [
      { ...key, mode: "test" },
      { ...key, partnerId: await addPartner() },
      { ...key, key: key.key.toUpperCase() },
    ];
    for (const one of [key, ...others]) expect(await take(one)).toBeUndefined();
  });

  it("gives an answer back byte for byte", async () => {
    const key = newKey();
    const claim = randomUUID();
    await take(key, claim, "of the first");
    expect(await store.keep(claim, ANSWER)).toBe(true);
    const known = { fingerprint: "of the first", state: "answered", answer: ANSWER };
    expect(await take(key, randomUUID(), "of another")).toEqual(known);
  });

  it("remembers of an answer that was not kept that there was one", async () => {
    const key = newKey();
    const claim = randomUUID();
    await take(key, claim);
    expect(await store.keep(claim, undefined)).toBe(true);
    expect(await take(key)).toEqual({ fingerprint: "f", state: "too-large" });
  });

  it("a key that is freed is as if it had never been taken", async () => {
    const key = newKey();
    const claim = randomUUID();
    await take(key, claim);
    expect(await store.free([claim])).toBe(true);
    expect(await take(key, randomUUID(), "another")).toBeUndefined();
  });

  it("an answered key cannot be freed, abandoned or answered otherwise", async () => {
    const key = newKey();
    const claim = randomUUID();
    await take(key, claim);
    await store.keep(claim, ANSWER);
    const attempts = [store.free([claim]), store.abandon(claim), store.keep(claim, { ...ANSWER, body: "other" })];
    expect(await Promise.all(attempts)).toEqual([false, false, false]);
    expect(await take(key)).toMatchObject({ state: "answered", answer: ANSWER });
  });

  describe("a claim that nobody renews", () => {
    const abandoned = async () => {
      const key = newKey();
      const claim = randomUUID();
      await take(key, claim);
      await age(key, LEASE_MS / 1_000);
      return { key, claim };
    };

    it("is abandoned after its time, and not while it is renewed", async () => {
      const { key, claim } = await abandoned();
      expect(await take(key)).toEqual({ fingerprint: "f", state: "abandoned", claim });
      await store.renew([claim]);
      expect(await take(key)).toMatchObject({ state: "running" });
    });

    it("is abandoned at once when its holder says so", async () => {
      const key = newKey();
      const claim = randomUUID();
      await take(key, claim);
      expect(await store.abandon(claim)).toBe(true);
      expect(await take(key)).toMatchObject({ state: "abandoned", claim });
    });

    it("is taken over by one of many, and its former holder can change nothing any more", async () => {
      const { key, claim } = await abandoned();
      const claims = Array.from({ length: 10 }, () => randomUUID());
      const won = await Promise.all(claims.map((one) => store.takeOver(key, claim, one)));
      expect(won.filter(Boolean)).toHaveLength(1);
      const late = [store.keep(claim, ANSWER), store.free([claim]), store.abandon(claim)];
      expect(await Promise.all(late)).toEqual([false, false, false]);
      await store.renew([claim]);
      const winner = claims[won.indexOf(true)] ?? "";
      expect(await store.keep(winner, ANSWER)).toBe(true);
      expect(await take(key)).toMatchObject({ state: "answered" });
    });

    it("can still be answered by its holder as long as nobody took it over", async () => {
      const { key, claim } = await abandoned();
      expect(await store.keep(claim, ANSWER)).toBe(true);
      expect(await take(key)).toMatchObject({ state: "answered" });
    });

    it("cannot be taken over while it lives", async () => {
      const key = newKey();
      const claim = randomUUID();
      await take(key, claim);
      expect(await store.takeOver(key, claim, randomUUID())).toBe(false);
    });
  });

  describe("after its hours", () => {
    const DAY_S = 86_400;

    it("a key is free for whatever call, and pruned", async () => {
      const [taken, pruned] = [newKey(), newKey()];
      for (const key of [taken, pruned]) {
        const claim = randomUUID();
        await take(key, claim);
        await store.keep(claim, ANSWER);
        await age(key, DAY_S - 60);
        expect(await take(key)).toMatchObject({ state: "answered" });
        await age(key, 61);
      }
      expect(await take(taken, randomUUID(), "another")).toBeUndefined();
      expect(await store.prune()).toBe(1);
      expect(await store.prune()).toBe(0);
      expect(await take(taken)).toMatchObject({ state: "running", fingerprint: "another" });
    });
  });

  it("the keys of a partner go with the partner", async () => {
    const gone = await addPartner();
    await take({ partnerId: gone, mode: "live", key: "k" });
    await database.source.query("delete from partners where id = $1", [gone]);
    const rows = await database.source.query<unknown[]>("select 1 from idempotency_keys where partner_id = $1", [gone]);
    expect(rows).toEqual([]);
  });
});
