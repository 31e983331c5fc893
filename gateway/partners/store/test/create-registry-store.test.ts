import { createHash } from "node:crypto";
import { newId } from "../../../../kit/ids";
import { createLogger } from "../../../../kit/log";
import type { Database } from "../../../../kit/postgres/open-database";
import { createTestDatabase, type TestDatabase } from "../../../../kit/test/postgres-database";
import { buildSnapshot } from "../../registry/build-snapshot";
import { type Publication, RegistryError, type RegistryStore } from "../../registry/registry-store";
import { createRegistryStore } from "../create-registry-store";
import { openPartnersDatabase } from "../open-partners-database";

const DAY = 86_400_000;
const START = Date.parse("2027-01-01T00:00:00Z");
const day = (n: number) => new Date(START + n * DAY);

const operation = (name: string, field = "a"): Publication["operations"][number] => {
  const body = `query ${name} { ${field} }`;
  const id = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  return { id, name, type: "query", body, rest: undefined };
};
const publication = (after: number, names: readonly string[], more: Partial<Publication> = {}): Publication => ({
  operations: names.map((name) => operation(name)),
  state: "active",
  author: "ada",
  note: "",
  sunsetAt: day(90),
  after,
  ...more,
});

describe("the registry in PostgreSQL", () => {
  let server: TestDatabase;
  let database: Database;
  let store: RegistryStore;

  beforeAll(async () => {
    server = await createTestDatabase();
    database = await openPartnersDatabase({ url: server.url, log: createLogger("test", "silent") });
    store = createRegistryStore(database.source);
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });
  beforeEach(async () => {
    await database.source.query("delete from partners");
    for (const slug of ["acme", "globex"]) {
      await database.source.query("insert into partners (id, slug, name) values ($1, $2, $2)", [newId(), slug]);
    }
  });

  const statesOf = async (slug = "acme") =>
    (await store.partner(slug, day(0))).versions.map(({ number, state }) => `${number} ${state}`);
  const snapshotAt = async (now: Date) =>
    buildSnapshot(await store.read(now), {
      now: Number(now),
      onDamaged: (_, reason) => {
        throw new Error(reason);
      },
    });
  const callableAt = async (now: Date, slug = "acme") =>
    (await snapshotAt(now)).ofPartner(slug).map(({ name, state }) => `${name} ${state}`);

  it("makes each publication a version; the one before is deprecated until its sunset", async () => {
    expect(await store.publish("acme", publication(0, ["A", "B"]), day(0))).toBe(1);
    expect(await store.publish("acme", publication(1, ["B", "C"], { note: "no more A" }), day(10))).toBe(2);
    const { versions } = await store.partner("acme", day(10));
    expect(versions).toMatchObject([
      { number: 2, state: "active", author: "ada", note: "no more A", publishedAt: day(10), sunsetAt: null },
      { number: 1, state: "deprecated", publishedAt: day(0), deprecatedAt: day(10), sunsetAt: day(90) },
    ]);
    expect(versions[0]?.operations.map(({ name }) => name)).toEqual(["B", "C"]);
    expect(await callableAt(day(11))).toEqual(["A deprecated", "B active", "C active"]);
    expect(await callableAt(day(90))).toEqual(["B active", "C active"]);
    expect((await snapshotAt(day(90))).retiredOf("acme")).toMatchObject([{ name: "A", retiredAt: day(90) }]);
  });

  it("keeps partners apart", async () => {
    await store.publish("acme", publication(0, ["A"]), day(0));
    await store.publish("globex", publication(0, ["A", "G"]), day(0));
    const snapshot = await snapshotAt(day(1));
    expect(snapshot.partners).toEqual(["acme", "globex"]);
    expect(snapshot.ofPartner("acme")).toHaveLength(1);
    expect(snapshot.ofPartner("globex")).toHaveLength(2);
    await expect(store.publish("initech", publication(0, ["A"]), day(0))).rejects.toThrow(
      "There is no partner initech.",
    );
  });

  it("keeps what is pending to itself until it is activated", async () => {
    await store.publish("acme", publication(0, ["A"]), day(0));
    await store.publish("acme", publication(1, ["B"], { state: "pending" }), day(1));
    expect(await callableAt(day(1))).toEqual(["A active"]);
    await store.activate("acme", 2, day(30), day(2));
    expect(await statesOf()).toEqual(["2 active", "1 deprecated"]);
    expect(await callableAt(day(2))).toEqual(["A deprecated", "B active"]);
    await expect(store.activate("acme", 2, day(30), day(2))).rejects.toThrow("Version 2 of acme is active already.");
    await expect(store.activate("acme", 1, day(30), day(2))).rejects.toThrow("deprecated; roll back to it instead");
    await expect(store.activate("acme", 9, day(30), day(2))).rejects.toThrow("acme has no version 9.");
  });

  it("rolls back in one step to the version before, or to the one that is named", async () => {
    await store.publish("acme", publication(0, ["A"]), day(0));
    await store.publish("acme", publication(1, ["B"]), day(1));
    await store.publish("acme", publication(2, ["C"]), day(2));
    expect(await store.rollBack("acme", undefined, day(3))).toBe(2);
    expect(await statesOf()).toEqual(["3 retired", "2 active", "1 deprecated"]);
    expect(await callableAt(day(3))).toEqual(["A deprecated", "B active"]);
    expect((await snapshotAt(day(3))).retiredOf("acme")).toMatchObject([{ name: "C", retiredAt: day(3) }]);
    // What was retired may be taken back as well.
    expect(await store.rollBack("acme", 3, day(4))).toBe(3);
    expect(await statesOf()).toEqual(["3 active", "2 retired", "1 deprecated"]);
    expect(await callableAt(day(4))).toEqual(["A deprecated", "C active"]);
  });

  it("rolls back to nothing that never was, and leaves everything as it is then", async () => {
    await expect(store.rollBack("acme", undefined, day(0))).rejects.toThrow("no active version");
    await store.publish("acme", publication(0, ["A"]), day(0));
    await store.publish("acme", publication(1, ["B"], { state: "pending" }), day(0));
    await expect(store.rollBack("acme", undefined, day(0))).rejects.toThrow("no deprecated version");
    await expect(store.rollBack("acme", 2, day(0))).rejects.toThrow("was never active");
    await expect(store.rollBack("acme", 7, day(0))).rejects.toThrow("acme has no version 7.");
    await expect(store.rollBack("acme", 1, day(0))).rejects.toThrow("is active already");
    expect(await statesOf()).toEqual(["2 pending", "1 active"]);
  });

  it("retires what is not active", async () => {
    await store.publish("acme", publication(0, ["A"]), day(0));
    await store.publish("acme", publication(1, ["B"]), day(1));
    await store.retire("acme", 1, day(2));
    expect(await callableAt(day(2))).toEqual(["B active"]);
    await expect(store.retire("acme", 1, day(2))).rejects.toThrow("retired already");
    await expect(store.retire("acme", 2, day(2))).rejects.toThrow("publish or activate another one first");
  });

  it("deprecates one operation by its name, and takes that back", async () => {
    await store.publish("acme", publication(0, ["A", "B"]), day(0));
    await store.deprecate("acme", { name: "A", sunsetAt: day(9), successor: "B" }, day(1));
    expect((await snapshotAt(day(2))).named("acme", "A")).toMatchObject({
      state: "deprecated",
      deprecatedAt: day(1),
      sunset: day(9),
      successor: "B",
    });
    // Another date, while the day on which it was told stays.
    await store.deprecate("acme", { name: "A", sunsetAt: day(20), successor: null }, day(3));
    expect((await snapshotAt(day(9))).named("acme", "A")).toMatchObject({
      deprecatedAt: day(1),
      sunset: day(20),
      successor: undefined,
    });
    expect(await callableAt(day(20))).toEqual(["B active"]);
    await store.undeprecate("acme", "A");
    expect(await callableAt(day(20))).toEqual(["A active", "B active"]);
    await expect(store.undeprecate("acme", "A")).rejects.toThrow("is not deprecated by itself");
    const unknown = { name: "Nothing", sunsetAt: day(9), successor: null };
    await expect(store.deprecate("acme", unknown, day(1))).rejects.toThrow("no operation Nothing that can be called");
    await expect(store.deprecate("acme", { ...unknown, name: "A", successor: "Nobody" }, day(1))).rejects.toThrow(
      "no successor Nobody",
    );
  });

  it("lets an id stand for one text for ever, and paths change", async () => {
    const custom = { ...operation("A"), id: "app~1~A" };
    await store.publish("acme", publication(0, [], { operations: [custom] }), day(0));
    const other = { ...operation("A", "b"), id: "app~1~A" };
    await expect(store.publish("acme", publication(1, [], { operations: [other] }), day(1))).rejects.toThrow(
      "An id of acme stands for one text for ever, and other texts have app~1~A (A).",
    );
    expect(await statesOf()).toEqual(["1 active"]);
    const moved = { ...custom, rest: { method: "GET", path: "/a" } } as const;
    await store.publish("acme", publication(1, [], { operations: [moved] }), day(1));
    expect((await snapshotAt(day(1))).named("acme", "A")?.rest).toEqual({ method: "GET", path: "/a" });
    expect(await store.operationsOf("acme", 1)).toMatchObject([{ id: "app~1~A", rest: undefined }]);
    expect(await store.operationsOf("acme", 2)).toMatchObject([{ id: "app~1~A", rest: { path: "/a" } }]);
  });

  it("takes one of two publications that know the same version, and nothing of the other", async () => {
    await store.publish("acme", publication(0, ["Old"]), day(0));
    const names = Array.from({ length: 8 }, (_, i) => [`A${i}`, `B${i}`]);
    const results = await Promise.allSettled(names.map((pair) => store.publish("acme", publication(1, pair), day(1))));
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
    expect(failures).toHaveLength(7);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(RegistryError);
      expect(failure.message).toBe("Version 2 of acme was published in the meantime; look at it and publish again.");
    }
    const winner = names[results.findIndex(({ status }) => status === "fulfilled")];
    expect(await statesOf()).toEqual(["2 active", "1 deprecated"]);
    expect((await store.partner("acme", day(1))).versions[0]?.operations.map(({ name }) => name)).toEqual(winner);
    const [{ count } = { count: 0 }] = await database.source.query<{ count: number }[]>(
      "select count(*)::int as count from operations",
    );
    expect(count).toBe(3);
  });

  it("never has two active versions, whatever happens at once", async () => {
    await store.publish("acme", publication(0, ["A"]), day(0));
    await store.publish("acme", publication(1, ["B"]), day(1));
    await store.publish("acme", publication(2, ["C"], { state: "pending" }), day(1));
    await Promise.allSettled([
      store.rollBack("acme", undefined, day(2)),
      store.activate("acme", 3, day(30), day(2)),
      store.publish("acme", publication(3, ["D"]), day(2)),
      store.retire("acme", 1, day(2)),
      store.rollBack("acme", 1, day(2)),
    ]);
    expect((await statesOf()).filter((state) => state.endsWith(" active"))).toHaveLength(1);
  });

  it("gives every change another revision, also one by hand, and reads without one", async () => {
    const revisions = [await store.revision()];
    const note = async () => revisions.push(await store.revision());
    await store.publish("acme", publication(0, ["A"]), day(0));
    await note();
    await database.source.query("update operation_versions set sunset_at = now()");
    await note();
    await store.deprecate("acme", { name: "A", sunsetAt: day(9), successor: null }, day(1));
    await note();
    expect(new Set(revisions).size).toBe(4);
    await store.read(day(0));
    await store.partner("acme", day(0));
    expect(await store.revision()).toBe(revisions.at(-1));
    expect((await store.read(day(0))).revision).toBe(revisions.at(-1));
  });

  it("knows the scopes of a partner's live keys, and of no others", async () => {
    const [{ id } = { id: "" }] = await database.source.query<{ id: string }[]>(
      "select id from partners where slug = 'acme'",
    );
    const key = (name: string, more: string) =>
      database.source.query(
        `insert into api_keys (id, partner_id, hash, mode, scopes, revoked_at, expires_at) values ('${name}', $1, 'h', ${more})`,
        [id],
      );
    await key("live00000001", "'live', '{a,b}', null, null");
    await key("test00000001", "'test', '{c}', null, null");
    await key("gone00000001", "'live', '{c}', now(), null");
    await key("late00000001", "'live', '{c}', null, '2026-12-31T00:00:00Z'");
    expect((await store.partner("acme", day(0))).keys).toEqual([{ id: "live00000001", scopes: ["a", "b"] }]);
  });
});
