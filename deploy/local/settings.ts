import path from "node:path";
import { z } from "zod";
import {
  brokerSettings,
  ConfigError,
  type Environment,
  flag,
  parseEnvironment,
  port,
  secret,
  serviceSettings,
  url,
} from "../../kit/config";

/** A setting that names a server of the user's own instead of the embedded one. */
export type ServerSetting =
  | "USERS_DATABASE_URL"
  | "ORDERS_DATABASE_URL"
  | "PARTNERS_DATABASE_URL"
  | "PRODUCTS_MONGODB_URL"
  | "AMQP_URL"
  | "REDIS_URL";

export interface Settings {
  /** Of the gateway; 0 takes any free one. */
  readonly port: number;
  readonly host: string;
  readonly dataDirectory: string;
  readonly servers: Readonly<Partial<Record<ServerSetting, string>>>;
  readonly amqpNamespace: string;
  readonly logLevel: string;
  readonly nodeEnv: string;
  /** Demo data in empty stores, demo accounts on the screen. Never in production. */
  readonly demo: boolean;
  /** Secrets given by the user; the rest is generated. */
  readonly secrets: Readonly<Partial<Record<SecretSetting, string>>>;
}

export type SecretSetting = "INTERNAL_SECRET" | "CURSOR_SECRET" | "PARTNER_KEY_PEPPER";

const databaseUrl = () =>
  url(["postgres", "postgresql"]).refine((text) => !URL.canParse(text) || new URL(text).pathname.length > 1, {
    message: "must name a database, as in postgres://user:password@host:5432/name",
  });

const shape = {
  ...serviceSettings,
  PORT: port(4_000),
  TRIBUTARY_DATA_DIR: z.string().default(".data"),
  USERS_DATABASE_URL: databaseUrl().optional(),
  ORDERS_DATABASE_URL: databaseUrl().optional(),
  PARTNERS_DATABASE_URL: databaseUrl().optional(),
  PRODUCTS_MONGODB_URL: url(["mongodb", "mongodb+srv"]).optional(),
  AMQP_URL: brokerSettings.AMQP_URL.optional(),
  AMQP_NAMESPACE: brokerSettings.AMQP_NAMESPACE,
  REDIS_URL: url(["redis", "rediss"]).optional(),
  SEED_DEMO: flag(true),
  INTERNAL_SECRET: secret().optional(),
  CURSOR_SECRET: secret().optional(),
  PARTNER_KEY_PEPPER: secret().optional(),
};

/**
 * @param root the repository, to which a relative data directory is relative
 * @throws ConfigError naming every setting that cannot be used, all at once
 */
export function parseSettings(env: Environment, root: string): Settings {
  const problems = contradictions(env);
  let parsed;
  try {
    parsed = parseEnvironment(env, shape);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError([...error.problems, ...problems]);
  }
  if (problems.length > 0) throw new ConfigError(problems);

  const { USERS_DATABASE_URL, ORDERS_DATABASE_URL, PARTNERS_DATABASE_URL } = parsed;
  const { PRODUCTS_MONGODB_URL, AMQP_URL, REDIS_URL } = parsed;
  const { INTERNAL_SECRET, CURSOR_SECRET, PARTNER_KEY_PEPPER } = parsed;
  return Object.freeze({
    port: parsed.PORT,
    host: parsed.HOST,
    dataDirectory: path.resolve(root, parsed.TRIBUTARY_DATA_DIR),
    servers: Object.freeze({
      USERS_DATABASE_URL,
      ORDERS_DATABASE_URL,
      PARTNERS_DATABASE_URL,
      PRODUCTS_MONGODB_URL,
      AMQP_URL,
      REDIS_URL,
    }),
    amqpNamespace: parsed.AMQP_NAMESPACE,
    logLevel: parsed.LOG_LEVEL,
    nodeEnv: parsed.NODE_ENV,
    demo: parsed.SEED_DEMO && parsed.NODE_ENV !== "production",
    secrets: Object.freeze({ INTERNAL_SECRET, CURSOR_SECRET, PARTNER_KEY_PEPPER }),
  });
}

/** What is wrong with settings that are fine one by one. */
function contradictions(env: Environment): string[] {
  const problems: string[] = [];
  if (env.NODE_ENV === "production" && env.SEED_DEMO === "true") {
    problems.push("SEED_DEMO: demo accounts have public passwords and are refused when NODE_ENV is production");
  }
  const databases = ["USERS_DATABASE_URL", "ORDERS_DATABASE_URL", "PARTNERS_DATABASE_URL"] as const;
  for (const [i, name] of databases.entries()) {
    const taken = databases.slice(0, i).find((other) => env[other] && env[other] === env[name]);
    if (taken) problems.push(`${name}: must not be the database of ${taken}; each service owns its tables`);
  }
  return problems;
}
