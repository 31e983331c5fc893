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
import { z } from "zod";

const SEEDED_PRODUCTION = "SEED_DEMO: must not be true when NODE_ENV is production; the demo passwords are public";

/** @throws ConfigError naming every bad setting at once */
export function parseConfig(env: Environment) {
  const problems = env["SEED_DEMO"] === "true" && env["NODE_ENV"] === "production" ? [SEEDED_PRODUCTION] : [];
  try {
    const settings = parseEnvironment(env, {
      ...serviceSettings,
      ...brokerSettings,
      DATABASE_URL: url(["postgres", "postgresql"]),
      /** Key of the signed header in which the gateway says who asks; also opens the signing keys kept in the database. */
      INTERNAL_SECRET: secret(),
      SEED_DEMO: flag(false),
      /** Set by a supervisor that forked this process: losing it then ends the process. */
      TRIBUTARY_SUPERVISED: z.enum(["0", "1"], "must be 0 or 1").default("0"),
    });
    if (problems.length === 0) return settings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.unshift(...error.problems);
  }
  throw new ConfigError(problems);
}

export type Config = ReturnType<typeof parseConfig>;
