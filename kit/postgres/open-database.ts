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

/** A database that may not be there yet. */
export interface AwaitedDatabase extends Database {
  /** Fulfilled once the schema is up to date; rejected when it was closed before. */
  readonly opened: Promise<void>;
}

export interface DatabaseOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly entities: DataSourceOptions["entities"] & unknown[];
  readonly migrations: (new () => MigrationInterface)[];
  readonly log: Logger;
  readonly poolSize?: number;
  /** How long `openDatabase` waits for a database that does not answer; without it for ever. */
  readonly patienceMs?: number;
  /** How long a query waits for a connection; without it for ever. */
  readonly connectTimeoutMs?: number;
}

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 2_000;
/** Any number, the same in every process that migrates the same database. */
const MIGRATION_LOCK = 720_001;

/**
 * Connects and brings the schema up to date. Waits for a database that is not there yet; several processes may start at once,
 * one migrates and the others wait for it.
 * @throws when the database refuses: wrong password, no such database, a migration that fails
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const source = createSource(options);
  const giveUpAt = Date.now() + (options.patienceMs ?? Infinity);
  try {
    await open(source, options.log, { isPassing: (error) => isPostgresAway(error) && Date.now() < giveUpAt });
  } catch (error) {
    if (source.isInitialized) await source.destroy();
    throw error;
  }
  return databaseOf(source);
}

/**
 * The same behind the back of a service that can do something without its database. Also one that refuses is tried again: whoever puts that right
 * need not start the service anew.
 * @param options.prepare done once the schema is up to date, before the database counts as opened
 */
export function awaitDatabase(
  options: DatabaseOptions & { prepare?: (source: DataSource) => Promise<void> },
): AwaitedDatabase {
  const source = createSource(options);
  const closed = new AbortController();
  const opened = open(source, options.log, {
    isPassing: () => true,
    signal: closed.signal,
    ...(options.prepare ? { prepare: options.prepare } : {}),
  });
  // Whoever waits is told; nobody need wait.
  opened.catch(() => undefined);
  return {
    ...databaseOf(source),
    opened,
    close: async () => {
      closed.abort(new Error("the database was closed before it was opened"));
      await opened.catch(() => undefined);
      if (source.isInitialized) await source.destroy();
    },
  };
}

const createSource = (options: DatabaseOptions) =>
  new DataSource({
    type: "postgres",
    url: options.url,
    entities: options.entities,
    migrations: options.migrations,
    migrationsTableName: "migrations",
    synchronize: false,
    logging: false,
    poolSize: options.poolSize ?? 10,
    ...(options.connectTimeoutMs === undefined ? {} : { connectTimeoutMS: options.connectTimeoutMs }),
    poolErrorHandler: (err: Error) => options.log.warn({ reason: err.message }, "an idle database connection was lost"),
  });

const databaseOf = (source: DataSource): Database => ({
  source,
  ping: async () => {
    await source.query("select 1");
    return true;
  },
  close: () => source.destroy(),
});

async function open(
  source: DataSource,
  log: Logger,
  options: {
    /** Whether trying again may help. */
    isPassing: (error: unknown) => boolean;
    prepare?: (source: DataSource) => Promise<void>;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { isPassing, prepare, signal } = options;
  let told: string | undefined;
  for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      signal?.throwIfAborted();
      if (!source.isInitialized) await source.initialize();
      await migrate(source);
      return await prepare?.(source);
    } catch (error) {
      if (signal?.aborted || !isPassing(error)) throw error;
      const reason = reasonOf(error);
      if (reason !== told && isPostgresAway(error)) log.warn({ reason }, "the database does not answer, waiting");
      else if (reason !== told) log.error({ reason }, "the database cannot be used, trying again");
      told = reason;
      await delay(waitMs, undefined, signal ? { signal } : {});
    }
  }
}

/** Node reports a host with several addresses as an AggregateError without a message of its own. */
const reasonOf = (error: unknown): string => {
  const { message, errors } = error as { message?: string; errors?: readonly Error[] };
  return message || errors?.[0]?.message || String(error);
};

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
