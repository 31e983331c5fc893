import { randomUUID } from "node:crypto";
import { Client } from "pg";

export interface TestDatabase {
  /** postgres:// URL of an empty database that nobody else uses. */
  readonly url: string;
  /** Drops it, also while connections to it are open. */
  close(): Promise<void>;
}

/**
 * Makes a fresh database on the server of `TEST_POSTGRES_URL`, which names any database of it and a user who may create others.
 * @throws when the variable is not set: a suite that needs a database must not pass without one
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = process.env["TEST_POSTGRES_URL"];
  if (!adminUrl) throw new Error("TEST_POSTGRES_URL is not set; Jest's global setup of the suites sets it");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  await runAsAdmin(adminUrl, `create database ${name}`);
  return { url: url.href, close: () => runAsAdmin(adminUrl, `drop database if exists ${name} with (force)`) };
}

async function runAsAdmin(adminUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
