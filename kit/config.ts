import { z } from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Lists every problem of the configuration at once, one line per setting. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/**
 * Reads settings from an environment. An empty text counts as not set, because that is how shells and compose files unset a variable.
 * @param shape one zod type per setting, keyed by the name of the variable
 * @returns the parsed settings, frozen
 * @throws ConfigError naming every bad setting and its rule; never a value, since a value may be a secret
 */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  env: Environment,
  shape: Shape,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const given = Object.fromEntries(Object.keys(shape).map((name) => [name, env[name] === "" ? undefined : env[name]]));
  const result = z.object(shape).safeParse(given);
  if (!result.success) {
    throw new ConfigError(
      result.error.issues.map((issue) => {
        const name = String(issue.path[0]);
        return given[name] === undefined
          ? `${name} is not set: ${expectation(issue)}`
          : `${name}: ${expectation(issue)}`;
      }),
    );
  }
  return Object.freeze(result.data);
}

const expectation = (issue: z.core.$ZodIssue): string =>
  issue.code === "invalid_type" && issue.message.startsWith("Invalid input") ? `a value is required` : issue.message;

/** A TCP port; 0 lets the system choose. */
export const port = (fallback?: number) => {
  const text = z
    .string()
    .regex(/^\d{1,5}$/, "must be a port number from 0 to 65535")
    .transform(Number)
    .refine((value) => value <= 65535, "must be a port number from 0 to 65535");
  return fallback === undefined ? text : text.default(fallback);
};

/** A URL with one of the given schemes, such as `["postgres", "postgresql"]`. */
export const url = (schemes: readonly string[]) =>
  z.string().refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)), {
    message: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  });

/** `true` or `false`. */
export const flag = (fallback: boolean) =>
  z
    .enum(["true", "false"], "must be true or false")
    .transform((value) => value === "true")
    .default(fallback);

/** A whole number within bounds, both included. */
export const integer = (fallback: number, { min, max }: { min: number; max: number }) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);

/** A comma-separated list; blanks around the parts are dropped. */
export const list = () =>
  z
    .string()
    .default("")
    .transform((value) =>
      value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    );

/** A secret of at least 32 characters. */
export const secret = () => z.string().min(32, "must be a secret of at least 32 characters");

/** What every service of the platform is told, whatever else it needs. */
export const serviceSettings = {
  PORT: port(0),
  HOST: z.string().default("127.0.0.1"),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], "must be a pino level such as info")
    .default("info"),
  NODE_ENV: z.string().default("development"),
} as const;

/** How a service finds the broker. */
export const brokerSettings = {
  AMQP_URL: url(["amqp", "amqps"]),
  /** Prefix of every exchange and queue, so that several platforms can share one broker. */
  AMQP_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]*$/, "may have small letters, digits and dashes only")
    .default(""),
} as const;
