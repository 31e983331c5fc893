import type { Db } from "mongodb";
import type { Logger } from "../../../../kit/log";
import { isDuplicateKey } from "../is-duplicate-key";
import { catalogueAndStock } from "./0001-catalogue-and-stock";
import type { Migration } from "./migration";

/** In the order in which they run. A step that has been released is never changed: write the next one. */
const MIGRATIONS: readonly Migration[] = [catalogueAndStock];

interface MigrationRecord {
  _id: string;
  finishedAt: Date;
}

/** Brings a database to the newest shape: runs each step that the `migrations` collection does not have. */
export async function runMigrations(db: Db, log: Logger): Promise<void> {
  const records = db.collection<MigrationRecord>("migrations");
  const done = new Set((await records.find().toArray()).map(({ _id }) => _id));
  for (const { name, run } of MIGRATIONS) {
    if (done.has(name)) continue;
    await run(db);
    try {
      await records.insertOne({ _id: name, finishedAt: new Date() });
    } catch (error) {
      // Another process that started at the same time was first.
      if (!isDuplicateKey(error)) throw error;
    }
    log.info({ migration: name }, "migrated the database");
  }
}
