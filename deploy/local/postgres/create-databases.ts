import { Client } from "pg";
import { ExpectedError } from "../bootstrap/expected-error.cjs";

/** Creates the databases that do not exist yet, as a user that may. */
export async function createDatabases(adminUrl: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const client = new Client({ connectionString: adminUrl });
  // Without a listener a server that goes away would take this process with it.
  client.on("error", () => {});
  await client.connect().catch((error: { code?: string; message: string }) => {
    if (error.code !== "28P01") throw error;
    throw new ExpectedError(
      "The embedded PostgreSQL was set up with another password than the one in secrets.json of the data directory; " +
        "put that file back, or remove the whole data directory (TRIBUTARY_DATA_DIR) to begin anew.",
    );
  });
  try {
    const { rows } = await client.query<{ datname: string }>("SELECT datname FROM pg_database");
    const existing = new Set(rows.map((row) => row.datname));
    for (const name of names) {
      if (!existing.has(name)) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    }
  } finally {
    await client.end();
  }
}
