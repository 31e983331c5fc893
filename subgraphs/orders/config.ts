import { z } from "zod";
import {
  brokerSettings,
  ConfigError,
  type Environment,
  flag,
  parseEnvironment,
  secret,
  serviceSettings,
  url,
} from "../../kit/config";

/** @throws ConfigError naming every bad setting at once */
export function parseConfig(env: Environment) {
  const settings = parseEnvironment(env, {
    ...serviceSettings,
    ...brokerSettings,
    DATABASE_URL: url(["postgres", "postgresql"]),
    /** Key of the signed header in which the gateway says who asks, and with which orders asks products. */
    INTERNAL_SECRET: secret(),
    PRODUCTS_SUBGRAPH_URL: url(["http", "https"]),
    SEED_DEMO: flag(false),
    /** Set by a supervisor that forked this process: losing it then ends the process. */
    TRIBUTARY_SUPERVISED: z.enum(["0", "1"], "must be 0 or 1").default("0"),
  });
  if (settings.SEED_DEMO && settings.NODE_ENV === "production") {
    throw new ConfigError(["SEED_DEMO: must not be true when NODE_ENV is production; the demo data is public"]);
  }
  return settings;
}

export type Config = ReturnType<typeof parseConfig>;
