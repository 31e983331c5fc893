import type { DataSource, EntityManager } from "typeorm";
import type { Logger } from "../../../kit/log";
import { DEMO_ACCOUNTS } from "../../../schema/demo";
import type { PasswordHasher } from "../domain/password-hasher";
import { DEMO_CUSTOMERS } from "./demo-customers";
import { UserRow } from "./user-row";

/** Any number, the same in every process that may seed. */
const SEED_LOCK = 720_102;
const FIRST_DAY = Date.parse("2026-01-05T09:00:00Z");
const DAY_MS = 24 * 3_600_000;

/**
 * Puts the demo accounts and some customers into an empty store; a store with users is left as it is. The same data each time. Everyone is
 * marked `demo`, so that production refuses them.
 */
export async function seedDemo(options: { source: DataSource; passwords: PasswordHasher; log: Logger }): Promise<void> {
  const { source, passwords, log } = options;
  await source.transaction(async (manager) => {
    await manager.query("select pg_advisory_xact_lock($1)", [SEED_LOCK]);
    if (await manager.existsBy(UserRow, {})) return;
    await insertUsers(manager, passwords);
    log.info({ users: DEMO_ACCOUNTS.length + DEMO_CUSTOMERS.length }, "seeded the demo users");
  });
}

async function insertUsers(manager: EntityManager, passwords: PasswordHasher): Promise<void> {
  const [first] = DEMO_ACCOUNTS;
  if (!first || DEMO_ACCOUNTS.some(({ password }) => password !== first.password)) {
    throw new Error("the demo accounts are expected to share one password");
  }
  // Hashing is slow by design; one published password needs no salt of its own per account.
  const passwordHash = await passwords.hash(first.password);
  const people = [...DEMO_ACCOUNTS, ...DEMO_CUSTOMERS.map((customer) => ({ ...customer, role: "CUSTOMER" as const }))];
  await manager.insert(
    UserRow,
    people.map(({ id, email, name, role }, i) => ({
      id,
      email,
      name,
      roles: [role],
      passwordHash,
      demo: true,
      createdAt: new Date(FIRST_DAY + i * DAY_MS),
    })),
  );
}
