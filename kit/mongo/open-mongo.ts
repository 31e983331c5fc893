import { setTimeout as delay } from "node:timers/promises";
import { type Db, MongoClient } from "mongodb";
import type { Logger } from "../log";
import { isMongoAway } from "./is-mongo-away";

export interface MongoDatabase {
  readonly db: Db;
  /** Throws while the server does not answer: for readiness. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 2_000;
const SELECTION_TIMEOUT_MS = 5_000;

/**
 * Connects, waiting for a server that is not there yet. Writes are acknowledged by a majority and journalled: what a client was told is safe.
 * @param options.url mongodb://host:port/database; without a database in the path `options.database` is used
 */
export async function openMongo(options: { url: string; database: string; log: Logger }): Promise<MongoDatabase> {
  const client = new MongoClient(options.url, {
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    maxPoolSize: 20,
    writeConcern: { w: "majority", journal: true },
    ignoreUndefined: true,
  });
  for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      await client.connect();
      await client.db().command({ ping: 1 });
      break;
    } catch (error) {
      if (!isMongoAway(error)) throw error;
      options.log.warn({ reason: (error as Error).message }, "the database does not answer, waiting");
      await delay(waitMs);
    }
  }
  const named = new URL(options.url).pathname.length > 1;
  const db = named ? client.db() : client.db(options.database);
  return {
    db,
    ping: async () => {
      await db.command({ ping: 1 }, { timeoutMS: 1_000 });
      return true;
    },
    close: () => client.close(),
  };
}
