import { randomUUID } from "node:crypto";
import { type CommandStartedEvent, type Db, MongoClient } from "mongodb";
import { createLogger } from "../../../kit/log";
import { runMigrations } from "../store/migrations/run-migrations";

export const log = createLogger("test", "silent");

export interface TestDatabase {
  readonly db: Db;
  /** Commands sent while `work` runs. */
  commandsDuring(work: () => Promise<unknown>): Promise<CommandStartedEvent[]>;
  /** Drops the database. */
  close(): Promise<void>;
}

/**
 * A database of its own on the server of TEST_MONGODB_URL.
 * @param options.migrated whether it has the collections and indexes of the service
 */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const url = process.env["TEST_MONGODB_URL"];
  if (!url) throw new Error("TEST_MONGODB_URL is not set; Jest's global setup of the suites sets it");
  const client = new MongoClient(url, {
    monitorCommands: true,
    ignoreUndefined: true,
    writeConcern: { w: "majority", journal: true },
  });
  const db = (await client.connect()).db(`products_${randomUUID().replaceAll("-", "")}`);
  if (migrated) await runMigrations(db, log);
  return {
    db,
    commandsDuring: async (work) => {
      const commands: CommandStartedEvent[] = [];
      const listen = (event: CommandStartedEvent) => void commands.push(event);
      client.on("commandStarted", listen);
      await work().finally(() => client.off("commandStarted", listen));
      return commands;
    },
    close: async () => {
      await db.dropDatabase();
      await client.close();
    },
  };
}
