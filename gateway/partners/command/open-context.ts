import { ConfigError, type Environment, parseEnvironment, secret, serviceSettings, url } from "../../../kit/config";
import { createLogger } from "../../../kit/log";
import type { Database } from "../../../kit/postgres/open-database";
import { openPartnersDatabase } from "../store/open-partners-database";
import type { CommandContext } from "./command";
import { CommandError } from "./command-error";

const settings = {
  PARTNERS_DATABASE_URL: url(["postgres", "postgresql"]).optional(),
  PARTNER_KEY_PEPPER: secret().optional(),
  PARTNER_KEY_PEPPER_PREVIOUS: secret().optional(),
  LOG_LEVEL: serviceSettings.LOG_LEVEL.removeDefault().default("silent"),
};

/** How long a command waits for a database that does not answer. */
const PATIENCE_MS = 3_000;

/**
 * What commands work with; the database is opened when one asks for it.
 * @param options.env has PARTNERS_DATABASE_URL and PARTNER_KEY_PEPPER as the gateways have them
 * @throws ConfigError
 */
export function openContext(options: {
  env: Environment;
  now: Date;
  input: () => Promise<string>;
  logTo: { write(line: string): void };
}): CommandContext & { close(): Promise<void> } {
  const { env, now, input, logTo } = options;
  const given = parseEnvironment(env, settings);
  const { PARTNERS_DATABASE_URL: databaseUrl, PARTNER_KEY_PEPPER: pepper } = given;
  const log = createLogger("partners", given.LOG_LEVEL, logTo);
  let opening: Promise<Database> | undefined;

  /** Both, when both are needed and missing. */
  const assertGiven = (...names: ("PARTNERS_DATABASE_URL" | "PARTNER_KEY_PEPPER")[]) => {
    const missing = names.filter((name) => given[name] === undefined);
    if (missing.length === 0) return;
    throw new ConfigError(
      missing.map((name) => `${name} is not set: start the platform with npm start, or give what the gateways have`),
    );
  };
  return {
    env,
    now,
    log,
    input,
    hasDatabase: databaseUrl !== undefined,
    formerPeppers: given.PARTNER_KEY_PEPPER_PREVIOUS === undefined ? [] : [given.PARTNER_KEY_PEPPER_PREVIOUS],
    pepper: () => {
      assertGiven("PARTNERS_DATABASE_URL", "PARTNER_KEY_PEPPER");
      return pepper ?? "";
    },
    database: async () => {
      assertGiven("PARTNERS_DATABASE_URL");
      opening ??= openPartnersDatabase({ url: databaseUrl ?? "", log, patienceMs: PATIENCE_MS });
      try {
        return (await opening).source;
      } catch (cause) {
        const { message, errors } = cause as { message?: string; errors?: readonly Error[] };
        const reason = message || errors?.[0]?.message || "unknown reason";
        throw new CommandError([`The database of PARTNERS_DATABASE_URL cannot be used (${reason}).`]);
      }
    },
    close: async () => {
      await opening?.then(
        ({ close }) => close(),
        () => undefined,
      );
    },
  };
}
