import { z } from "zod";
import {
  ConfigError,
  type Environment,
  integer,
  list,
  parseEnvironment,
  port,
  secret,
  serviceSettings,
  url,
} from "../kit/config";
import { DEFAULT_LIMITS } from "./access/limits/operation-limits";

const PATH = /^\/[\w./-]*$/;
const HEADER = /^[a-z0-9-]+$/i;
const KIBIBYTE = 1_024;

const settings = {
  ...serviceSettings,
  PORT: port(4000),
  SUPERGRAPH_FILE: z.string("must name a supergraph SDL file (or pass --supergraph FILE)"),
  /** `name=url` for each subgraph that is elsewhere than the supergraph says. */
  SUBGRAPH_URLS: list().refine(
    (entries) => entries.every((entry) => /^[^=]+=https?:\/\//.test(entry) && URL.canParse(urlOf(entry))),
    "must be a comma-separated list of name=url",
  ),
  SUBGRAPH_HEALTH_PATH: z.string().regex(PATH, "must be a path such as /health/ready").optional(),
  SUBGRAPH_TIMEOUT_MS: integer(10_000, { min: 10, max: 600_000 }),
  SUBGRAPH_MAX_RESPONSE_BYTES: integer(32 * KIBIBYTE * KIBIBYTE, { min: KIBIBYTE, max: 1_073_741_824 }),
  SUBGRAPH_MAX_CONNECTIONS: integer(128, { min: 1, max: 10_000 }),
  INTERNAL_SECRET: secret().optional(),
  FORWARD_HEADERS: list().refine(
    (names) => names.every((name) => HEADER.test(name) && !NEVER_FORWARDED.test(name)),
    "must be a comma-separated list of header names, without hop-by-hop or internal ones",
  ),
  JWKS_URL: url(["http", "https"]).optional(),
  JWT_ISSUER: z.string().default("tributary"),
  JWT_AUDIENCE: z.string().default("tributary"),
  ACCESS_MODE: z.enum(["filter", "reject"], "must be filter or reject").default("filter"),
  CORS_ORIGINS: list().refine(
    (origins) =>
      origins.every((origin) => origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin)),
    "must be a comma-separated list of origins such as https://shop.example, or *",
  ),
  INTROSPECTION: z.enum(["true", "false"], "must be true or false").optional(),
  /** Folder of .graphql files that the explorer offers. */
  EXPLORER_EXAMPLES: z.string().optional(),
  QUERY_PLANS: z.enum(["true", "false"], "must be true or false").optional(),
  MAX_BODY_BYTES: integer(256 * KIBIBYTE, { min: 100, max: 64 * KIBIBYTE * KIBIBYTE }),
  MAX_TOKENS: integer(DEFAULT_LIMITS.maxTokens, { min: 10, max: 1_000_000 }),
  MAX_DEPTH: integer(DEFAULT_LIMITS.maxDepth, { min: 1, max: 1_000 }),
  MAX_FIELDS: integer(DEFAULT_LIMITS.maxFields, { min: 1, max: 1_000_000 }),
  MAX_ALIASES: integer(DEFAULT_LIMITS.maxAliases, { min: 0, max: 100_000 }),
  MAX_ROOT_FIELDS: integer(DEFAULT_LIMITS.maxRootFields, { min: 1, max: 100_000 }),
  MAX_DIRECTIVES: integer(DEFAULT_LIMITS.maxDirectives, { min: 0, max: 100_000 }),
  MAX_REPETITIONS: integer(DEFAULT_LIMITS.maxRepetitions, { min: 1, max: 100_000 }),
  REDIS_URL: url(["redis", "rediss"]).optional(),
  AMQP_URL: url(["amqp", "amqps"]).optional(),
  AMQP_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]*$/, "may have small letters, digits and dashes only")
    .default(""),
  PARTNER_KEYS_URL: url(["http", "https"]).optional(),
  PARTNER_MANIFEST: z.string().optional(),
  PARTNER_KEY_PEPPER: secret().optional(),
  TRIBUTARY_SUPERVISED: z.enum(["0", "1"], "must be 0 or 1").default("0"),
} as const;

/** Headers that belong to one connection, to the body, or to the gateway itself. */
const NEVER_FORWARDED =
  /^(connection|keep-alive|te|trailer|transfer-encoding|upgrade|host|expect|content-.*|accept.*|proxy-.*|x-tributary-.*)$/i;

const FLAGS: Readonly<Record<string, string>> = {
  "--supergraph": "SUPERGRAPH_FILE",
  "--port": "PORT",
  "--host": "HOST",
};

export type GatewayConfig = ReturnType<typeof parseConfig>;

/**
 * @param argv what follows the script's name: `--supergraph FILE --port N --host H`, each also as `--name=value`; they win over the environment
 * @throws ConfigError with every problem of the environment and of the command line
 */
export function parseConfig(env: Environment, argv: readonly string[] = []) {
  const { given, problems } = parseArguments(argv);
  const { values, problems: more } = parseAll({ ...env, ...given });
  const incomplete = values ? incompletePartners(values) : [];
  if (!values || problems.length + more.length + incomplete.length > 0) {
    throw new ConfigError([...problems, ...more, ...incomplete]);
  }
  const isProduction = values.NODE_ENV === "production";
  const choice = (text: string | undefined) => (text === undefined ? !isProduction : text === "true");
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    logLevel: values.LOG_LEVEL,
    isProduction,
    supervised: values.TRIBUTARY_SUPERVISED === "1",
    supergraphFile: values.SUPERGRAPH_FILE,
    subgraphs: {
      urls: new Map(values.SUBGRAPH_URLS.map((entry) => [nameOf(entry), urlOf(entry)])),
      healthPath: values.SUBGRAPH_HEALTH_PATH,
      timeoutMs: values.SUBGRAPH_TIMEOUT_MS,
      maxResponseBytes: values.SUBGRAPH_MAX_RESPONSE_BYTES,
      maxConnections: values.SUBGRAPH_MAX_CONNECTIONS,
      internalSecret: values.INTERNAL_SECRET,
      forwardHeaders: values.FORWARD_HEADERS.map((name) => name.toLowerCase()),
    },
    tokens: values.JWKS_URL
      ? { jwksUrl: values.JWKS_URL, issuer: values.JWT_ISSUER, audience: values.JWT_AUDIENCE }
      : undefined,
    accessMode: values.ACCESS_MODE,
    corsOrigins: values.CORS_ORIGINS,
    introspection: choice(values.INTROSPECTION),
    queryPlans: choice(values.QUERY_PLANS),
    explorerExamples: values.EXPLORER_EXAMPLES,
    suggestions: !isProduction,
    maxBodyBytes: values.MAX_BODY_BYTES,
    limits: {
      maxTokens: values.MAX_TOKENS,
      maxDepth: values.MAX_DEPTH,
      maxFields: values.MAX_FIELDS,
      maxAliases: values.MAX_ALIASES,
      maxRootFields: values.MAX_ROOT_FIELDS,
      maxDirectives: values.MAX_DIRECTIVES,
      maxRepetitions: values.MAX_REPETITIONS,
    },
    redisUrl: values.REDIS_URL,
    broker: values.AMQP_URL ? { url: values.AMQP_URL, namespace: values.AMQP_NAMESPACE } : undefined,
    partners:
      values.PARTNER_KEYS_URL && values.PARTNER_MANIFEST && values.PARTNER_KEY_PEPPER && values.INTERNAL_SECRET
        ? {
            keysUrl: values.PARTNER_KEYS_URL,
            manifestFile: values.PARTNER_MANIFEST,
            keyPepper: values.PARTNER_KEY_PEPPER,
            internalSecret: values.INTERNAL_SECRET,
          }
        : undefined,
  });
}

function parseAll(env: Environment) {
  try {
    return { values: parseEnvironment(env, settings), problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { values: undefined, problems: error.problems };
    throw error;
  }
}

/** Partners need all of their settings; a door that is half configured would be a closed door that looks open, or worse. */
function incompletePartners(values: {
  PARTNER_KEYS_URL?: string | undefined;
  PARTNER_MANIFEST?: string | undefined;
  PARTNER_KEY_PEPPER?: string | undefined;
  INTERNAL_SECRET?: string | undefined;
}): string[] {
  const { PARTNER_KEYS_URL, PARTNER_MANIFEST } = values;
  if (PARTNER_KEYS_URL === undefined && PARTNER_MANIFEST === undefined) return [];
  const needed = ["PARTNER_KEYS_URL", "PARTNER_MANIFEST", "PARTNER_KEY_PEPPER", "INTERNAL_SECRET"] as const;
  return needed
    .filter((name) => values[name] === undefined)
    .map((name) => `${name} is not set: the partner API needs all of ${needed.join(", ")}`);
}

function parseArguments(argv: readonly string[]): { given: Record<string, string>; problems: string[] } {
  const given: Record<string, string> = {};
  const problems: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const [name = "", ...rest] = (argv[i] ?? "").split("=");
    const setting = FLAGS[name];
    if (setting === undefined) {
      problems.push(`"${argv[i]}" is not an option; there are ${Object.keys(FLAGS).join(", ")}`);
      continue;
    }
    const value = rest.length > 0 ? rest.join("=") : argv[++i];
    if (value === undefined || value === "") problems.push(`${name} needs a value`);
    else given[setting] = value;
  }
  return { given, problems };
}

const nameOf = (entry: string) => entry.slice(0, entry.indexOf("="));
const urlOf = (entry: string) => entry.slice(entry.indexOf("=") + 1);
