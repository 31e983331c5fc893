import fs from "node:fs";
import path from "node:path";
import { findMongod } from "./find-mongod";
import { forkService } from "./fork-service";
import { postgresUrl, startPostgres } from "./postgres/start-postgres";
import type { StoreUrls } from "./plan-services";
import type { ProgramLog, Shorten } from "./program-log";
import { shortenMongod, shortenPino, shortenPostgres } from "./program-log";
import type { Settings } from "./settings";
import { startMongod } from "./start-mongod";
import type { Program } from "./supervise";

export interface StorePlan {
  readonly urls: StoreUrls;
  /** The embedded servers to run: those for which no URL is set. */
  readonly programs: readonly Program[];
  /** For the terminal: what the embedded servers are, e.g. `PostgreSQL`. */
  readonly names: readonly string[];
  readonly warnings: readonly string[];
}

export interface StoreOptions {
  readonly root: string;
  readonly settings: Settings;
  readonly dataDirectory: string;
  readonly postgresPassword: string;
  readonly ports: { readonly postgres: number; readonly mongo: number; readonly amqp: number };
  readonly inherited: Readonly<Record<string, string>>;
  readonly openLog: (name: string, shorten: Shorten) => ProgramLog;
}

/** Where each store is, and the embedded servers for those the user has none of. */
export async function planStores(options: StoreOptions): Promise<StorePlan> {
  const { settings, ports } = options;
  const { servers } = settings;
  const programs: Program[] = [];
  const names: string[] = [];
  const warnings: string[] = [];

  const postgres = { port: ports.postgres, password: options.postgresPassword };
  const databases = [
    ...(servers.USERS_DATABASE_URL ? [] : ["users"]),
    ...(servers.ORDERS_DATABASE_URL ? [] : ["orders"]),
    ...(servers.PARTNERS_DATABASE_URL ? [] : ["partners"]),
  ];
  if (databases.length > 0) {
    const log = options.openLog("postgres", shortenPostgres);
    const home = path.join(options.dataDirectory, "postgres");
    programs.push({
      name: "postgres",
      start: async (onSpawn) => onSpawn(await startPostgres({ home, ...postgres, databases, onLog: log.write })),
    });
    names.push("PostgreSQL");
  }
  if (!servers.PRODUCTS_MONGODB_URL) {
    const mongo = await planMongo(options);
    programs.push(mongo.program);
    names.push(mongo.name);
    if (mongo.warning) warnings.push(mongo.warning);
  }
  if (!servers.AMQP_URL) {
    const dataDirectory = path.join(options.dataDirectory, "amqp");
    programs.push(nodeProgram("amqp", ports.amqp, { AMQP_DATA_DIR: dataDirectory }, options));
    names.push("AMQP 0-9-1");
  }
  return {
    urls: {
      users: servers.USERS_DATABASE_URL ?? postgresUrl(postgres, "users"),
      orders: servers.ORDERS_DATABASE_URL ?? postgresUrl(postgres, "orders"),
      partners: servers.PARTNERS_DATABASE_URL ?? postgresUrl(postgres, "partners"),
      products: servers.PRODUCTS_MONGODB_URL ?? `mongodb://127.0.0.1:${ports.mongo}/products`,
      amqp: servers.AMQP_URL ?? `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    },
    programs,
    names,
    warnings,
  };
}

/**
 * The user's own mongod when there is one, otherwise our small server. Their files differ, so a data directory stays
 * with the one it began with: installing MongoDB must not make the shop look empty.
 */
async function planMongo(options: StoreOptions): Promise<{ program: Program; name: string; warning?: string }> {
  const { dataDirectory, ports, settings } = options;
  const ours = path.join(dataDirectory, "mongo");
  const theirs = path.join(dataDirectory, "mongod");
  const began = fs.existsSync(ours);
  const { file, problem } = began ? {} : await findMongod(options.inherited.PATH ?? "");
  if (file) {
    const log = options.openLog("mongod", shortenMongod);
    const mongod = { file, dataDirectory: theirs, port: ports.mongo, onOutput: log.write };
    return {
      program: { name: "mongod", start: (onSpawn) => startMongod(mongod, onSpawn) },
      name: `MongoDB (${file})`,
    };
  }
  const lost =
    !began && fs.existsSync(theirs) && `the products in ${theirs} need a mongod on the PATH, so this shop begins anew`;
  const warning = [problem, lost].filter(Boolean).join("; ");
  const env = { MONGO_DATA_DIR: ours, NODE_ENV: settings.nodeEnv };
  return {
    program: nodeProgram("mongo", ports.mongo, env, options),
    name: "MongoDB",
    warning: warning === "" ? undefined : `Using the embedded MongoDB server: ${warning}.`,
  };
}

function nodeProgram(
  name: "amqp" | "mongo",
  port: number,
  own: Record<string, string>,
  options: StoreOptions,
): Program {
  const log = options.openLog(name, shortenPino);
  const env = {
    ...options.inherited,
    LOG_LEVEL: options.settings.logLevel,
    HOST: "127.0.0.1",
    PORT: String(port),
    ...own,
  };
  return {
    name,
    start: async (onSpawn) => {
      const file = path.join(options.root, "dist/deploy/local", name, "main.js");
      const service = forkService({ file, cwd: options.root, env, onOutput: log.write });
      onSpawn(service);
      await service.listening;
    },
  };
}
