import { createLogger } from "../../../kit/log";
import { createTestDatabase, type TestDatabase } from "../../../kit/test/postgres-database";
import type { Database } from "../../../kit/postgres/open-database";
import { DEMO_ACCOUNTS } from "../../../schema/demo";
import { createPasswordHasher, type PasswordHasher } from "../domain/password-hasher";
import { createKeySeal } from "../store/seal-key";
import { seedDemo } from "../store/seed-demo";
import { openSigningKey, readJwks } from "../store/signing-keys";
import { openUsersDatabase } from "../store/users-database";
import { LOG_IN, only, REFRESH, SECRET, startUsers, viewerOf } from "./start-users";

const log = createLogger("users", "silent");
let testDatabase: TestDatabase;
let database: Database;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = await openUsersDatabase({ url: testDatabase.url, log });
});
afterEach(async () => {
  await database.close();
  await testDatabase.close();
});

describe("the migrations", () => {
  it("can be run by two processes at once, and undone", async () => {
    const again = await Promise.all([1, 2].map(() => openUsersDatabase({ url: testDatabase.url, log })));
    await Promise.all(again.map((other) => other.close()));
    for (const _ of database.source.migrations) await database.source.undoLastMigration();
    const tables = await database.source.query<{ name: string }[]>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    expect(tables.map(({ name }) => name)).toEqual(["migrations"]);
  });

  it("make exactly the columns that the entities name", async () => {
    for (const { tableName, columns } of database.source.entityMetadatas) {
      const names = columns.map(({ databaseName }) => `"${databaseName}"`).join(", ");
      await expect(database.source.query(`select ${names} from ${tableName}`)).resolves.toEqual([]);
    }
  });

  it("keep an address unique in any letters, whoever writes to the database", async () => {
    const insert = (email: string) =>
      database.source.query(
        `insert into users (id, email, name, password_hash, roles, created_at)
         values (gen_random_uuid(), $1, 'n', 'h', '{CUSTOMER}', now())`,
        [email],
      );
    await insert("ada@example.com");
    await expect(insert("ada@example.com")).rejects.toThrow("users_email_unique");
    await expect(insert("Ada@example.com")).rejects.toThrow("check constraint");
  });
});

describe("the signing key", () => {
  it("is made once, however many processes start at the same time", async () => {
    const keys = await Promise.all(Array.from({ length: 4 }, () => openSigningKey(database.source, SECRET, log)));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect((await readJwks(database.source)).keys).toHaveLength(1);
  });

  it("is not readable in the database, nor with another secret, nor under another id, nor when changed", async () => {
    const { kid } = await openSigningKey(database.source, SECRET, log);
    const [row] = await database.source.query<{ sealed: Buffer }[]>(
      "select private_jwk_encrypted as sealed from signing_keys",
    );
    const sealed = row!.sealed;
    expect(sealed.toString("latin1")).not.toContain("OKP");
    const seal = createKeySeal(SECRET);
    expect(seal.open(kid, sealed)).toMatchObject({ kty: "OKP", crv: "Ed25519", d: expect.any(String) as string });
    expect(createKeySeal(`${SECRET}!`).open(kid, sealed)).toBeUndefined();
    expect(seal.open("another id", sealed)).toBeUndefined();
    sealed[sealed.length - 1]! ^= 1;
    expect(seal.open(kid, sealed)).toBeUndefined();
  });

  it("is another one after the secret changed, and what the first one signed is still verified", async () => {
    const first = await openSigningKey(database.source, SECRET, log);
    const second = await openSigningKey(database.source, `${SECRET}, changed`, log);
    expect(second.kid).not.toBe(first.kid);
    expect((await readJwks(database.source)).keys.map(({ kid }) => kid)).toEqual([second.kid, first.kid]);
    expect((await openSigningKey(database.source, SECRET, log)).kid).toBe(first.kid);
  });

  it("signs no more once it is retired, and leaves the JWKS an hour later", async () => {
    const first = await openSigningKey(database.source, SECRET, log);
    await database.source.query("update signing_keys set retired_at = now() - interval '59 minutes'");
    const second = await openSigningKey(database.source, SECRET, log);
    expect((await readJwks(database.source)).keys.map(({ kid }) => kid)).toEqual([second.kid, first.kid]);
    await database.source.query("update signing_keys set retired_at = now() - interval '61 minutes' where kid = $1", [
      first.kid,
    ]);
    expect((await readJwks(database.source)).keys.map(({ kid }) => kid)).toEqual([second.kid]);
  });
});

describe("the demo data", () => {
  let passwords: PasswordHasher;
  beforeAll(async () => {
    passwords = await createPasswordHasher();
  });
  const seed = () => seedDemo({ source: database.source, passwords, log });
  const people = () => database.source.query("select id, email, name, roles, demo, created_at from users order by id");

  it("is the same each time, and is put in once by processes that start at the same time", async () => {
    const hashed = jest.spyOn(passwords, "hash");
    await Promise.all([seed(), seed()]);
    expect(hashed).toHaveBeenCalledTimes(1);
    const first = await people();
    expect(first).toHaveLength(23);
    expect(first.slice(0, 3)).toMatchObject(
      DEMO_ACCOUNTS.map(({ id, email, name, role }) => ({ id, email, name, roles: [role], demo: true })),
    );
    await database.source.query("truncate users cascade");
    await seed();
    expect(await people()).toEqual(first);
  });

  it("is not put into a store with users", async () => {
    await database.source.query(
      `insert into users (id, email, name, password_hash, roles, created_at)
       values (gen_random_uuid(), 'ada@example.com', 'Ada', 'h', '{CUSTOMER}', now())`,
    );
    await seed();
    expect(await people()).toHaveLength(1);
  });

  it("lets people log in with the published password", async () => {
    const users = await startUsers({ seed: true });
    try {
      for (const { email, password, name } of DEMO_ACCOUNTS) {
        const answer = only(await users.ask(LOG_IN, { input: { email, password } }));
        expect(answer).toMatchObject({ __typename: "AuthPayload", user: { name } });
      }
    } finally {
      await users.close();
    }
  });

  it("is refused in production even when it is there: log-in and refresh", async () => {
    const users = await startUsers({ seed: true, demoAllowed: false });
    try {
      const { id, email, password } = DEMO_ACCOUNTS[2]!;
      const answer = only(await users.ask(LOG_IN, { input: { email, password } }));
      expect(answer).toMatchObject({ __typename: "InvalidCredentialsError", code: "INVALID_CREDENTIALS" });

      const hash = "sha256('left from before')";
      await users.source.query("insert into sessions values (gen_random_uuid(), $1, now(), now())", [id]);
      await users.source.query(
        `insert into refresh_tokens select ${hash}, id, now(), now() + interval '1 day' from sessions`,
      );
      const refreshed = only(await users.ask(REFRESH, { token: "left from before" }, viewerOf(id, ["ADMIN"])));
      expect(refreshed.__typename).toBe("InvalidRefreshTokenError");
    } finally {
      await users.close();
    }
  });
});
