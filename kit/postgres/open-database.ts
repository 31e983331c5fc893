import { setTimeout as delay } from "node:timers/promises";
import { DataSource, type DataSourceOptions, type MigrationInterface } from "typeorm";
import type { Logger } from "../log";
import { isPostgresAway } from "./is-postgres-away";

export interface Database {
  readonly source: DataSource;
  /** Throws while the database does not answer: for readiness. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 2_000;
/** Any number, the same in every process that migrates the same database. */
const MIGRATION_LOCK = 720_001;

/**
 * Connects and brings the schema up to date. Waits for a database that is not there yet; several processes may start at once,
 * one migrates and the others wait for it.
 * @param options.url postgres://user:password@host:port/database
 * @throws when the database refuses: wrong password, no such database, a migration that fails
 */
export async function openDatabase(options: {
  url: string;
  entities: DataSourceOptions["entities"] & unknown[];
  migrations: (new () => MigrationInterface)[];
  log: Logger;
  poolSize?: number;
}): Promise<Database> {
  const source = new DataSource({
    type: "postgres",
    url: options.url,
    entities: options.entities,
    migrations: options.migrations,
    migrationsTableName: "migrations",
    synchronize: false,
    logging: false,
    poolSize: options.poolSize ?? 10,
    poolErrorHandler: (err: Error) => options.log.warn({ reason: err.message }, "an idle database connection was lost"),
  });
  await connectWithPatience(source, options.log);
  await migrate(source);
  return {
    source,
    ping: async () => {
      await source.query("select 1");
      return true;
    },
    close: () => source.destroy(),
  };
}

async function connectWithPatience(source: DataSource, log: Logger): Promise<void> {
  for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      await source.initialize();
      return;
    } catch (error) {
      if (!isPostgresAway(error)) throw error;
      if (waitMs === RETRY_MIN_MS)
        log.warn({ reason: (error as Error).message }, "the database does not answer, waiting");
      await delay(waitMs);
    }
  }
}

/** Under an advisory lock on one connection: TypeORM itself does not keep two processes from migrating at once. */
async function migrate(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  await runner.connect();
  try {
    await runner.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await source.runMigrations({ transaction: "each" });
  } finally {
    await runner.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]);
    await runner.release();
  }
}
