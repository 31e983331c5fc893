import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Client, type DatabaseError } from "pg";

/**
 * What our services rely on in a PostgreSQL server. It is run on the embedded server and on a real one, so that what
 * works at `npm start` works in production.
 *
 * @param adminUrl gives the URL of a database whose user may create databases; asked when the tests run
 */
export function describePostgres(server: string, adminUrl: () => string): void {
  describe(`PostgreSQL (${server})`, () => {
    const database = `contract_${randomBytes(6).toString("hex")}`;
    let clients: Client[] = [];

    const connect = async (url = databaseUrl(adminUrl(), database)) => {
      const client = new Client({ connectionString: url });
      client.on("error", () => {});
      await client.connect();
      clients.push(client);
      return client;
    };

    beforeAll(async () => {
      const admin = await connect(adminUrl());
      await admin.query(`CREATE DATABASE ${database}`);
    });
    afterEach(async () => {
      await Promise.all(clients.map((client) => client.end()));
      clients = [];
    });
    afterAll(async () => {
      const admin = await connect(adminUrl());
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
      clients = [];
    });

    it("is version 15 or newer", async () => {
      const client = await connect();
      const { rows } = await client.query<{ version: number }>(
        "SELECT current_setting('server_version_num')::int AS version",
      );
      expect(rows[0]!.version).toBeGreaterThanOrEqual(150_000);
    });

    it("stores text of any language in UTF-8", async () => {
      const client = await connect();
      const text = "Grüße, 水, 🌊, и т. д.";
      expect((await client.query("SELECT $1::text AS text", [text])).rows).toEqual([{ text }]);
    });

    it("commits a transaction whole and rolls it back whole", async () => {
      const client = await connect();
      await client.query("CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL CHECK (balance >= 0))");
      await client.query("INSERT INTO account VALUES (1, 10), (2, 0)");
      await client.query("BEGIN");
      await client.query("UPDATE account SET balance = balance + 20 WHERE id = 2");
      await expect(client.query("UPDATE account SET balance = balance - 20 WHERE id = 1")).rejects.toMatchObject({
        code: "23514",
        constraint: "account_balance_check",
      });
      await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "25P02" });
      await client.query("ROLLBACK");
      const { rows } = await client.query("SELECT balance FROM account ORDER BY id");
      expect(rows).toEqual([{ balance: 10 }, { balance: 0 }]);
    });

    it("names the constraint of a unique violation", async () => {
      const client = await connect();
      await client.query("CREATE TABLE person (email text CONSTRAINT person_email_unique UNIQUE)");
      await client.query("INSERT INTO person VALUES ('a@b.test')");
      const error = await client.query("INSERT INTO person VALUES ('a@b.test')").catch((e: DatabaseError) => e);
      expect(error).toMatchObject({ code: "23505", constraint: "person_email_unique", table: "person" });
    });

    it("inserts a key once however often it is tried, which makes an inbox", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      await one.query("CREATE TABLE inbox (event_id uuid PRIMARY KEY)");
      const insert = "INSERT INTO inbox VALUES ('01890000-0000-7000-8000-000000000001') ON CONFLICT DO NOTHING";
      const counts = await Promise.all([one.query(insert), other.query(insert)]);
      expect(counts.map(({ rowCount }) => rowCount).sort()).toEqual([0, 1]);
    });

    it("gives two workers different rows with SKIP LOCKED", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      await one.query("CREATE TABLE job AS SELECT generate_series(1, 6) AS id");
      const take = "SELECT id FROM job ORDER BY id LIMIT 3 FOR UPDATE SKIP LOCKED";
      await one.query("BEGIN");
      await other.query("BEGIN");
      expect((await one.query(take)).rows).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
      expect((await other.query(take)).rows).toEqual([{ id: 4 }, { id: 5 }, { id: 6 }]);
      await one.query("COMMIT");
      await other.query("COMMIT");
    });

    it("lets one worker wait for the row another has locked", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      await one.query("CREATE TABLE stock AS SELECT 1 AS id, 1 AS left_over");
      await one.query("BEGIN");
      await one.query("SELECT * FROM stock FOR UPDATE");
      const waiting = other.query("UPDATE stock SET left_over = left_over - 1 WHERE left_over > 0");
      await one.query("UPDATE stock SET left_over = 0");
      await one.query("COMMIT");
      expect((await waiting).rowCount).toBe(0);
    });

    it("keeps an advisory lock to one connection, until that connection ends", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      const tryLock = (client: Client) => client.query("SELECT pg_try_advisory_lock(hashtext('relay')) AS got");
      expect((await tryLock(one)).rows).toEqual([{ got: true }]);
      expect((await tryLock(other)).rows).toEqual([{ got: false }]);
      const inherits = other.query("SELECT pg_advisory_lock(hashtext('relay'))");
      await one.end();
      await inherits;
    });

    it("ends an advisory lock of a transaction with it", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      await one.query("BEGIN");
      await one.query("SELECT pg_advisory_xact_lock(42)");
      expect((await other.query("SELECT pg_try_advisory_lock(42) AS got")).rows).toEqual([{ got: false }]);
      await one.query("COMMIT");
      expect((await other.query("SELECT pg_try_advisory_lock(42) AS got")).rows).toEqual([{ got: true }]);
    });

    it("delivers a notification to the listener, and only when its transaction commits", async () => {
      const [listener, notifier] = await Promise.all([connect(), connect()]);
      await listener.query("LISTEN outbox");
      const heard: (string | undefined)[] = [];
      listener.on("notification", ({ payload }) => heard.push(payload));
      await notifier.query("BEGIN");
      await notifier.query("NOTIFY outbox, 'rolled back'");
      await notifier.query("ROLLBACK");
      const next = once(listener, "notification");
      await notifier.query("NOTIFY outbox, 'committed'");
      await next;
      expect(heard).toEqual(["committed"]);
    });

    it("shows a transaction at READ COMMITTED what others have committed, and nothing else", async () => {
      const [reader, writer] = await Promise.all([connect(), connect()]);
      await writer.query("CREATE TABLE price AS SELECT 1 AS amount");
      const read = async () => (await reader.query<{ amount: number }>("SELECT amount FROM price")).rows[0]!.amount;
      await reader.query("BEGIN ISOLATION LEVEL READ COMMITTED");
      await writer.query("BEGIN");
      await writer.query("UPDATE price SET amount = 2");
      expect(await read()).toBe(1);
      await writer.query("COMMIT");
      expect(await read()).toBe(2);
      await reader.query("COMMIT");
    });

    it("shows a transaction at REPEATABLE READ one moment, and refuses to overwrite what came after it", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      await one.query("CREATE TABLE counter AS SELECT 1 AS value");
      await one.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await one.query("SELECT * FROM counter");
      await other.query("UPDATE counter SET value = 2");
      expect((await one.query("SELECT value FROM counter")).rows).toEqual([{ value: 1 }]);
      await expect(one.query("UPDATE counter SET value = 3")).rejects.toMatchObject({ code: "40001" });
      await one.query("ROLLBACK");
    });

    it("ends a deadlock by refusing one of the two", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      await one.query("CREATE TABLE item AS SELECT generate_series(1, 2) AS id, 0 AS n");
      for (const [client, id] of [
        [one, 1],
        [other, 2],
      ] as const) {
        await client.query("BEGIN");
        await client.query("UPDATE item SET n = n + 1 WHERE id = $1", [id]);
      }
      const crossing = [
        one.query("UPDATE item SET n = n + 1 WHERE id = 2").then(() => one.query("COMMIT")),
        other.query("UPDATE item SET n = n + 1 WHERE id = 1").then(() => other.query("COMMIT")),
      ];
      const outcomes = await Promise.allSettled(crossing);
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refused).toHaveLength(1);
      expect(refused[0]!.reason).toMatchObject({ code: "40P01" });
    });

    it("holds jsonb, uuid and timestamps, and finds jsonb by containment through an index", async () => {
      const client = await connect();
      await client.query(
        "CREATE TABLE fact (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz, body jsonb)",
      );
      await client.query("CREATE INDEX fact_body ON fact USING gin (body jsonb_path_ops)");
      const at = new Date("2026-01-02T03:04:05.678Z");
      await client.query("INSERT INTO fact (at, body) VALUES ($1, $2), ($1, $3)", [
        at,
        { kind: "a", n: [1, 2] },
        { kind: "b" },
      ]);
      const { rows } = await client.query(`SELECT * FROM fact WHERE body @> '{"kind":"a"}'`);
      expect(rows).toEqual([
        {
          id: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/) as string,
          at,
          body: { kind: "a", n: [1, 2] },
        },
      ]);
      await expect(client.query("SELECT 'not-a-uuid'::uuid")).rejects.toMatchObject({ code: "22P02" });
    });

    it("keeps uuids in the order of their text, which makes UUIDv7 sortable by time", async () => {
      const client = await connect();
      const ids = [
        "01890000-0000-7000-8000-000000000002",
        "01880000-0000-7000-bfff-ffffffffffff",
        "0189ffff-0000-7000-8000-000000000000",
      ];
      const { rows } = await client.query<{ id: string }>("SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id", [ids]);
      expect(rows.map(({ id }) => id)).toEqual([...ids].sort());
    });

    it("tells with xid8 which rows no running transaction can still commit before, which keeps an outbox in order", async () => {
      const [slow, quick, relay] = await Promise.all([connect(), connect(), connect()]);
      await slow.query("CREATE TABLE outbox (name text, written_by xid8 NOT NULL DEFAULT pg_current_xact_id())");
      const safe =
        "SELECT name FROM outbox WHERE written_by < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY written_by";
      await slow.query("BEGIN");
      await slow.query("INSERT INTO outbox (name) VALUES ('first')");
      await quick.query("INSERT INTO outbox (name) VALUES ('second')");
      expect((await relay.query(safe)).rows).toEqual([]);
      await slow.query("COMMIT");
      expect((await relay.query(safe)).rows).toEqual([{ name: "first" }, { name: "second" }]);
    });

    it("keeps settings and prepared statements of one connection from the others", async () => {
      const [one, other] = await Promise.all([connect(), connect()]);
      await one.query("SET statement_timeout = '1234ms'");
      await one.query("PREPARE plan AS SELECT 1");
      expect((await other.query("SHOW statement_timeout")).rows).not.toEqual([{ statement_timeout: "1234ms" }]);
      await other.query("PREPARE plan AS SELECT 2");
    });

    it("stops a statement that takes longer than it may", async () => {
      const client = await connect();
      await client.query("SET statement_timeout = '20ms'");
      await expect(client.query("SELECT pg_sleep(30)")).rejects.toMatchObject({ code: "57014" });
    });

    it("serves connections side by side", async () => {
      const [busy, idle] = await Promise.all([connect(), connect()]);
      const endless = busy.query("SELECT pg_sleep(3600)").catch((error: DatabaseError) => error);
      const cancel =
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity " +
        "WHERE query = 'SELECT pg_sleep(3600)' AND datname = current_database()";
      // Answered while the other connection sleeps; asked again until that one has begun to.
      while ((await idle.query(cancel)).rowCount === 0);
      expect(await endless).toMatchObject({ code: "57014" });
    });

    it("refuses SQL that is wrong with its code, and goes on", async () => {
      const client = await connect();
      await expect(client.query("SELEC 1")).rejects.toMatchObject({ code: "42601" });
      await expect(client.query("SELECT * FROM no_such_table")).rejects.toMatchObject({ code: "42P01" });
      expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    });

    it("refuses a database that does not exist", async () => {
      await expect(connect(databaseUrl(adminUrl(), "no_such_database"))).rejects.toMatchObject({ code: "3D000" });
    });
  });
}

export function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}
