import { newId } from "../../../../kit/ids";
import type { Closable } from "../../../../kit/shutdown";
import { recordingLog } from "../../../test/harness/recording-log";
import { createTestPartners, type TestPartners } from "../../../test/harness/test-partners";
import { createUsageCollector } from "../../usage/create-usage-collector";
import { createUsagePruner } from "../../usage/create-usage-pruner";
import type { CallRecord } from "../../usage/usage-entry";
import type { UsageStore } from "../../usage/usage-store";
import { createUsageStore } from "../create-usage-store";
import { openPartnerStores } from "../open-partner-stores";

const AT_MS = Date.parse("2026-11-21T12:00:00Z");
/** Only what a test flushes is written. */
const NEVER_MS = 2_000_000_000;
let partners: TestPartners;
let partnerId: string;
const open: Closable[] = [];

beforeAll(async () => {
  partners = await createTestPartners(["acme", "globex"]);
});
beforeEach(async () => {
  partnerId = newId();
  await partners.source.query("insert into partners (id, slug, name) values ($1, $2, 'p')", [
    partnerId,
    `p-${partnerId}`,
  ]);
});
afterEach(async () => {
  await partners.network.heal();
  for (const one of open.splice(0).reverse()) await one.close();
});
afterAll(() => partners.close());

const callOf = (more: Partial<CallRecord> = {}): CallRecord => ({
  partnerId,
  keyId: "key1",
  operation: "Book",
  door: "rest",
  endedAtMs: AT_MS,
  durationMs: 10,
  errorCodes: [],
  cost: 3,
  answerBytes: 100,
  deprecatedFields: [],
  client: () => ({}),
  ...more,
});

/** A gateway's connections, through the network that a test breaks. */
async function connect(): Promise<UsageStore> {
  const { log } = recordingLog();
  const stores = openPartnerStores({ url: partners.env.PARTNERS_DATABASE_URL, keyPepper: "", seedDemo: false, log });
  open.push(stores);
  await stores.opened;
  return createUsageStore(stores.source);
}
function collect(store: UsageStore, everyMs = NEVER_MS) {
  const { log, lines } = recordingLog();
  const collector = createUsageCollector({ store, log, everyMs });
  open.push(collector);
  return { collector, lines };
}
const stored = () =>
  createUsageStore(partners.source).read({ partnerId, from: "2026-11-01", to: "2026-11-30", maxEntries: 100 });

test("figures are added to what is there, by whichever gateway", async () => {
  const [one, other] = [collect(await connect()).collector, collect(await connect()).collector];
  one.record(callOf({ errorCodes: ["A"], deprecatedFields: ["Book.name"], client: () => ({ name: "first" }) }));
  await one.flush();
  other.record(
    callOf({
      errorCodes: ["A", "B"],
      door: "graphql",
      durationMs: 500,
      endedAtMs: AT_MS + 1_000,
      client: () => ({ name: "last" }),
    }),
  );
  other.record(callOf({ operation: "Other" }));
  await other.flush();
  one.record(callOf({ endedAtMs: AT_MS - 1_000, client: () => ({ name: "late" }) }));
  await one.flush();
  const [book, more] = await stored();
  expect(book).toMatchObject({
    partnerId,
    day: "2026-11-21",
    operation: "Book",
    keyId: "key1",
    calls: 3,
    failedCalls: 2,
    cost: 9,
    answerBytes: 300,
    client: { name: "last" },
    lastCallAt: new Date(AT_MS + 1_000),
  });
  expect(Object.fromEntries(book?.errors ?? [])).toEqual({ A: 2, B: 1 });
  expect(Object.fromEntries(book?.doors ?? [])).toEqual({ rest: 2, graphql: 1 });
  expect(Object.fromEntries(book?.deprecatedFields ?? [])).toEqual({ "Book.name": 1 });
  expect([...(book?.latency.values() ?? [])].sort()).toEqual([1, 2]);
  expect(more).toMatchObject({ operation: "Other", calls: 1 });
});

test("a batch that was written but not confirmed is sent again and counts once", async () => {
  const store = createUsageStore(partners.source);
  let writes = 0;
  const { collector, lines } = collect({
    ...store,
    write: async (batch) => {
      await store.write(batch);
      if (++writes === 1) throw new Error("the connection was lost before the answer");
    },
  });
  collector.record(callOf());
  expect(await collector.flush()).toBe(false);
  collector.record(callOf());
  expect(await collector.flush()).toBe(true);
  expect(await collector.flush()).toBe(true);
  expect(writes).toBe(3);
  expect((await stored())[0]?.calls).toBe(2);
  expect(lines.map(({ msg }) => msg)).toEqual([
    "usage figures cannot be written and wait",
    "usage figures are written again",
  ]);
});

test("a batch counts once also when it is sent twice at the same time", async () => {
  const store = await connect();
  const { collector } = collect({
    ...store,
    write: (batch) => Promise.all([store.write(batch), store.write(batch)]).then(() => undefined),
  });
  for (let i = 0; i < 20; i++) {
    collector.record(callOf());
    await collector.flush();
  }
  expect((await stored())[0]?.calls).toBe(20);
});

test("figures of a partner that is gone are dropped, and stop no others", async () => {
  const { collector } = collect(await connect());
  collector.record(callOf({ partnerId: newId() }));
  collector.record(callOf({ keyId: "key2" }));
  expect(await collector.flush()).toBe(true);
  expect(await stored()).toMatchObject([{ keyId: "key2", calls: 1 }]);
});

test("10,000 calls at two gateways, whose database comes and goes, are all counted once", async () => {
  const gateways = [collect(await connect()).collector, collect(await connect()).collector];
  const faults: (() => unknown)[] = [
    () => partners.network.reset(),
    () => partners.network.refuse(),
    () => partners.network.abandon(),
  ];
  let failures = 0;
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 500; i++) {
      gateways[i % 2]!.record(
        callOf({ operation: `Op${i % 7}`, keyId: `key${i % 3}`, errorCodes: i % 5 ? [] : ["A"] }),
      );
    }
    const flushes = gateways.map((gateway) => gateway.flush());
    // In the middle of whatever they are doing.
    for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (round % 4 !== 3) await faults[round % 4]!();
    for (const isWritten of await Promise.all(flushes)) if (!isWritten) failures++;
    await partners.network.heal();
  }
  expect(failures).toBeGreaterThan(5);
  for (const gateway of gateways) while (!(await gateway.flush()));
  await Promise.all(gateways.map((gateway) => gateway.close()));
  const entries = await stored();
  const total = (figure: (entry: (typeof entries)[number]) => number) =>
    entries.reduce((sum, entry) => sum + figure(entry), 0);
  expect(entries).toHaveLength(21);
  expect(total(({ calls }) => calls)).toBe(10_000);
  expect(total(({ failedCalls }) => failedCalls)).toBe(2_000);
  expect(total(({ cost }) => cost)).toBe(30_000);
  expect(total(({ latency }) => [...latency.values()].reduce((a, b) => a + b))).toBe(10_000);
}, 120_000);

test("while the database is away figures are kept, and are no more for many calls; the rest is written at the end", async () => {
  const store = await connect();
  const { collector } = collect(store);
  await partners.network.refuse();
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 1_000; i++) collector.record(callOf());
    expect(await collector.flush()).toBe(false);
  }
  await partners.network.heal();
  await collector.close();
  expect(await stored()).toMatchObject([{ calls: 5_000 }]);
});

test("what could not be written by the end is told", async () => {
  const { collector, lines } = collect({
    write: () => Promise.reject(new Error("away")),
    read: () => Promise.resolve([]),
    prune: () => Promise.resolve(0),
  });
  collector.record(callOf());
  await collector.flush();
  collector.record(callOf());
  await collector.close();
  expect(lines.at(-1)).toMatchObject({
    msg: "usage figures of the last calls are lost: they could not be written",
    calls: 2,
  });
});

test("figures are written by themselves, each so many milliseconds", async () => {
  const { collector } = collect(createUsageStore(partners.source), 5);
  collector.record(callOf());
  while ((await stored()).length === 0) await new Promise((resolve) => setImmediate(resolve));
  collector.record(callOf());
  while ((await stored())[0]?.calls !== 2) await new Promise((resolve) => setImmediate(resolve));
});

test("writers that wrote nothing for a month are forgotten", async () => {
  const gone = newId();
  await partners.source.query(
    "insert into partner_usage_writers values ($1, 7, now() - interval '31 days'), ($2, 7, now() - interval '29 days')",
    [gone, newId()],
  );
  await createUsageStore(partners.source).write({ writer: newId(), number: 1, entries: [] });
  const left = await partners.source.query<unknown[]>("select 1 from partner_usage_writers where writer = $1", [gone]);
  expect(left).toEqual([]);
});

describe("figures that are older than they are kept", () => {
  const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const insert = (days: number, operations: number) =>
    partners.source.query(
      `insert into partner_usage select $1::uuid, $2::date, 'Op' || n, 'key1', 1, 0, '{}'::jsonb, '{}'::jsonb, 1, 1, '{}'::jsonb, '{}'::jsonb, '{}'::jsonb, now() from generate_series(1, $3::int) as n`,
      [partnerId, dayAgo(days), operations],
    );
  const days = async () =>
    (
      await partners.source.query<{ day: string; n: number }[]>(
        "select day::text, count(*)::int as n from partner_usage where partner_id = $1 group by day order by day",
        [partnerId],
      )
    ).map(({ day, n }) => [day, n]);

  test("go in batches until none is left, the others stay to the day", async () => {
    const { log, lines } = recordingLog();
    for (const [ago, operations] of [
      [2_000, 1_500],
      [12, 900],
      [9, 3],
    ] as const)
      await insert(ago, operations);
    const batches: number[] = [];
    const store = createUsageStore(partners.source);
    const pruner = createUsagePruner({
      store: {
        prune: async (keepDays) => {
          batches.push(await store.prune(keepDays));
          return batches.at(-1)!;
        },
      },
      keepDays: 10,
      opened: Promise.resolve(),
      log,
    });
    open.push(pruner);
    while (batches.at(-1) !== 0) await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([1_000, 1_000, 400, 0]);
    expect(await days()).toEqual([[dayAgo(9), 3]]);
    expect(lines).toMatchObject([{ msg: "old usage figures are deleted", figures: 2_400, keepDays: 10 }]);
  });

  test("wait while the database is away, and go the next time", async () => {
    const { log, lines } = recordingLog();
    let asked = 0;
    const store = {
      prune: () => {
        asked++;
        return asked === 1 ? Promise.reject(new Error("away")) : Promise.resolve(0);
      },
    };
    open.push(createUsagePruner({ store, keepDays: 10, opened: Promise.resolve(), log, everyMs: 1 }));
    while (asked < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toMatchObject([{ msg: "old usage figures could not be deleted" }]);
  });

  test("are nobody's business once the gateway has ended before its database was there", async () => {
    let asked = 0;
    const { log } = recordingLog();
    const prune = () => Promise.resolve(asked++);
    const opened = Promise.reject(new Error("the gateway ended"));
    await createUsagePruner({ store: { prune }, keepDays: 10, opened, log }).close();
    await opened.catch(() => undefined);
    expect(asked).toBe(0);
  });
});

test("only a partner's own figures are read, of the days and the operation asked for", async () => {
  const store = createUsageStore(partners.source);
  const { collector } = collect(store);
  const dayOf = (day: number) => Date.parse(`2026-11-${day}T00:00:00Z`);
  for (const day of [10, 11, 12]) collector.record(callOf({ endedAtMs: dayOf(day) }));
  collector.record(callOf({ endedAtMs: dayOf(11), operation: "Other" }));
  await collector.flush();
  const read = (query: object) =>
    store.read({ partnerId, from: "2026-11-10", to: "2026-11-12", maxEntries: 100, ...query });
  expect(await read({})).toHaveLength(4);
  expect(await read({ maxEntries: 2 })).toHaveLength(2);
  expect(await read({ from: "2026-11-11", to: "2026-11-11" })).toHaveLength(2);
  expect(await read({ operation: "Other" })).toMatchObject([{ operation: "Other" }]);
  expect(await read({ operation: "' or true --" })).toEqual([]);
  expect(await read({ partnerId: partners.ids["acme"] })).toEqual([]);
});
