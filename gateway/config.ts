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
import { DEFAULT_LIST_SIZE } from "./access/cost/cost-limit";
import { isNetwork } from "./access/networks";
import { DEFAULT_LIMITS } from "./access/limits/operation-limits";
import { DEFAULT_PLAN_LIMITS } from "./planning/plan-limits";
import { DEFAULT_REPLAY_RATES } from "./streams/core/replay-limiter";
import { DEFAULT_DRAIN_MS, DEFAULT_MAX_EXECUTIONS } from "./streams/core/stream-settings";

const PATH = /^\/[\w./-]*$/;
const HEADER = /^[a-z0-9-]+$/i;
const KIBIBYTE = 1_024;
const flag = (standard: "true" | "false") => z.enum(["true", "false"], "must be true or false").default(standard);

const settings = {
  ...serviceSettings,
  PORT: port(4000),
  /** A path or a URL. */
  SUPERGRAPH_FILE: z
    .string("must name a supergraph SDL file or URL (or pass --supergraph FILE|URL)")
    .refine((source) => !/^\w+:\/\//.test(source) || isPlainUrl(source), {
      message: "must be a file, or an http or https URL without a user and password",
    }),
  SUPERGRAPH_POLL_MS: integer(10_000, { min: 100, max: 86_400_000 }),
  /** `name=url` for each subgraph that is elsewhere than the supergraph says. */
  SUBGRAPH_URLS: list().refine((entries) => entries.every(isNamedUrl), "must be a comma-separated list of name=url"),
  SUBGRAPH_HEALTH_PATH: z.string().regex(PATH, "must be a path such as /health/ready").optional(),
  SUBGRAPH_TIMEOUT_MS: integer(10_000, { min: 10, max: 600_000 }),
  SUBGRAPH_MAX_RESPONSE_BYTES: integer(32 * KIBIBYTE * KIBIBYTE, { min: KIBIBYTE, max: 1_073_741_824 }),
  SUBGRAPH_MAX_CONNECTIONS: integer(128, { min: 1, max: 10_000 }),
  SUBGRAPH_SHARING: flag("false"),
  SUBGRAPH_COMPRESSION: flag("false"),
  /** The gateway's own executor, or that of @apollo/gateway as a reference. */
  EXECUTOR: z.enum(["own", "stock"], "must be own or stock").default("own"),
  OPERATION_CACHE_BYTES: integer(64 * KIBIBYTE * KIBIBYTE, { min: KIBIBYTE * KIBIBYTE, max: 8_589_934_592 }),
  /** Labels of `@override(label:)` that hold, besides percentages. */
  OVERRIDE_LABELS: list(),
  WARM_DOOR: flag("true"),
  INTERNAL_SECRET: secret().optional(),
  FORWARD_HEADERS: list().refine(
    (names) => names.every((name) => HEADER.test(name) && !NEVER_FORWARDED.test(name)),
    "must be a comma-separated list of header names, without hop-by-hop or internal ones",
  ),
  JWKS_URL: url(["http", "https"]).optional(),
  JWT_ISSUER: z.string().default("tributary"),
  JWT_AUDIENCE: z.string().default("tributary"),
  ACCESS_MODE: z.enum(["filter", "reject"], "must be filter or reject").default("filter"),
  /** A module whose default export decides `@policy`. */
  POLICY_MODULE: z.string().optional(),
  TRUSTED_PROXIES: list().refine(
    (networks) => networks.every(isNetwork),
    "must be a comma-separated list of networks such as 10.0.0.0/8",
  ),
  CORS_ORIGINS: list().refine(
    (origins) =>
      origins.every((origin) => origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin)),
    "must be a comma-separated list of origins such as https://shop.example, or *",
  ),
  INTROSPECTION: z.enum(["true", "false"], "must be true or false").optional(),
  /** Folder of .graphql files that the explorer offers. */
  EXPLORER_EXAMPLES: z.string().optional(),
  QUERY_PLANS: z.enum(["true", "false"], "must be true or false").optional(),
  /** Callers with this role see plans also where others do not. */
  QUERY_PLANS_ROLE: z.string().min(1).optional(),
  MAX_BODY_BYTES: integer(256 * KIBIBYTE, { min: 100, max: 64 * KIBIBYTE * KIBIBYTE }),
  MAX_TOKENS: integer(DEFAULT_LIMITS.maxTokens, { min: 10, max: 1_000_000 }),
  MAX_DEPTH: integer(DEFAULT_LIMITS.maxDepth, { min: 1, max: 1_000 }),
  MAX_FIELDS: integer(DEFAULT_LIMITS.maxFields, { min: 1, max: 1_000_000 }),
  MAX_ALIASES: integer(DEFAULT_LIMITS.maxAliases, { min: 0, max: 100_000 }),
  MAX_ROOT_FIELDS: integer(DEFAULT_LIMITS.maxRootFields, { min: 1, max: 100_000 }),
  MAX_DIRECTIVES: integer(DEFAULT_LIMITS.maxDirectives, { min: 0, max: 100_000 }),
  MAX_REPETITIONS: integer(DEFAULT_LIMITS.maxRepetitions, { min: 1, max: 100_000 }),
  MAX_COMPARISONS: integer(DEFAULT_LIMITS.maxComparisons, { min: 1, max: 100_000_000 }),
  /** 0: whatever it costs. */
  MAX_COST: integer(0, { min: 0, max: Number.MAX_SAFE_INTEGER }),
  COST_LIST_SIZE: integer(DEFAULT_LIST_SIZE, { min: 0, max: 1_000_000 }),
  MAX_PLAN_PATHS: integer(DEFAULT_PLAN_LIMITS.maxPlanPaths, { min: 1, max: 1_000_000 }),
  MAX_EVALUATED_PLANS: integer(DEFAULT_PLAN_LIMITS.maxEvaluatedPlans, { min: 1, max: 1_000_000 }),
  MAX_PLAN_MS: integer(DEFAULT_PLAN_LIMITS.maxPlanMs, { min: 10, max: 600_000 }),
  MAX_WAITING_PLANS: integer(DEFAULT_PLAN_LIMITS.maxWaitingPlans, { min: 1, max: 100_000 }),
  MAX_PLAN_WAIT_MS: integer(DEFAULT_PLAN_LIMITS.maxPlanWaitMs, { min: 10, max: 600_000 }),
  REDIS_URL: url(["redis", "rediss"]).optional(),
  AMQP_URL: url(["amqp", "amqps"]).optional(),
  AMQP_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9-]*$/, "may have small letters, digits and dashes only")
    .default(""),
  /** The first one signs cursors of subscriptions, each is accepted. */
  CURSOR_SECRET: list().refine(
    (secrets) => secrets.every((one) => secret().safeParse(one).success),
    "must be a secret of at least 32 characters, or a comma-separated list of such",
  ),
  MAX_SUBSCRIPTIONS: integer(20_000, { min: 1, max: 1_000_000 }),
  MAX_SUBSCRIPTIONS_PER_CLIENT: integer(200, { min: 1, max: 1_000_000 }),
  /** Of subscriptions, at the same time. */
  MAX_STREAM_EXECUTIONS: integer(DEFAULT_MAX_EXECUTIONS, { min: 1, max: 100_000 }),
  /** Events a second that clients get again who come back, and at once after a quiet time. */
  REPLAY_RATE: integer(DEFAULT_REPLAY_RATES.gateway.rate, { min: 1, max: 10_000_000 }),
  REPLAY_BURST: integer(DEFAULT_REPLAY_RATES.gateway.burst, { min: 1, max: 10_000_000 }),
  REPLAY_RATE_PER_CLIENT: integer(DEFAULT_REPLAY_RATES.client.rate, { min: 1, max: 10_000_000 }),
  REPLAY_BURST_PER_CLIENT: integer(DEFAULT_REPLAY_RATES.client.burst, { min: 1, max: 10_000_000 }),
  /** Over how long subscriptions end when the process does, which takes eight seconds at most altogether. */
  STREAM_DRAIN_MS: integer(DEFAULT_DRAIN_MS, { min: 0, max: 5_000 }),
  MAX_SOCKET_OPERATIONS: integer(100, { min: 1, max: 100_000 }),
  /** Of the gateway's own: partners, keys and what belongs to them. */
  PARTNERS_DATABASE_URL: url(["postgres", "postgresql"]).optional(),
  /** How often the registry of operations is looked at, besides being told of changes. */
  PARTNER_REGISTRY_POLL_MS: integer(10_000, { min: 100, max: 86_400_000 }),
  PARTNER_KEY_PEPPER: secret().optional(),
  /** While the pepper is replaced. */
  PARTNER_KEY_PEPPER_PREVIOUS: secret().optional(),
  PARTNER_IDEMPOTENCY_HOURS: integer(24, { min: 1, max: 720 }),
  /** In cost units, used at once and back within the window; 0: no quota. Partners and keys may have their own. */
  PARTNER_QUOTA_UNITS: integer(100_000, { min: 0, max: 1_000_000_000_000 }),
  PARTNER_QUOTA_WINDOW_S: integer(60, { min: 1, max: 31_622_400 }),
  PARTNER_KEY_QUOTA_UNITS: integer(50_000, { min: 0, max: 1_000_000_000_000 }),
  PARTNER_KEY_QUOTA_WINDOW_S: integer(60, { min: 1, max: 31_622_400 }),
  /** How long figures are kept; the longest report is of 92 days. */
  PARTNER_USAGE_DAYS: integer(400, { min: 92, max: 36_500 }),
  /** Registered operations as tools for agents. */
  PARTNER_MCP: flag("true"),
  /** Under which names agents reach the gateway. */
  PARTNER_MCP_HOSTS: list().refine(
    (names) => names.every((name) => /^[a-z0-9.-]+$/i.test(name)),
    "must be a comma-separated list of host names without ports, such as shop.example",
  ),
  /** Webhooks may go to loopback and private addresses. */
  PARTNER_WEBHOOK_ALLOW_PRIVATE: z.enum(["true", "false"], "must be true or false").optional(),
  /** Names of subgraphs that have the effects of a mutation once, however often they are sent it under one idempotency key. */
  IDEMPOTENT_SUBGRAPHS: list(),
  SEED_DEMO: flag("false"),
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
/** May be given several times, once for each subgraph. */
const SUBGRAPH_FLAG = "--subgraph";

/** Every setting by name, with what holds when it is not set: undefined where there is no default. The table in README.md is kept equal by a test. */
export const settingDefaults = (): ReadonlyMap<string, unknown> =>
  new Map(
    Object.entries(settings).map(([name, setting]) => {
      const result = setting.safeParse(undefined);
      return [name, result.success ? result.data : undefined];
    }),
  );

export type GatewayConfig = ReturnType<typeof parseConfig>;

/**
 * @param argv what follows the script's name: `--supergraph FILE|URL --port N --host H --subgraph name=url`, each also as `--name=value`; they win over the environment
 * @throws ConfigError with every problem of the environment and of the command line
 */
export function parseConfig(env: Environment, argv: readonly string[] = []) {
  const { given, subgraphs, problems } = parseArguments(argv);
  const { values, problems: more } = parseAll({ ...env, ...given });
  const incomplete = values ? [...incompletePartners(values), ...seededProduction(values)] : [];
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
    /** Or a URL: see `serveSupergraph`. */
    supergraphFile: values.SUPERGRAPH_FILE,
    supergraphPollMs: values.SUPERGRAPH_POLL_MS,
    subgraphs: {
      urls: new Map([...values.SUBGRAPH_URLS, ...subgraphs].map((entry) => [nameOf(entry), urlOf(entry)])),
      healthPath: values.SUBGRAPH_HEALTH_PATH,
      timeoutMs: values.SUBGRAPH_TIMEOUT_MS,
      maxResponseBytes: values.SUBGRAPH_MAX_RESPONSE_BYTES,
      maxConnections: values.SUBGRAPH_MAX_CONNECTIONS,
      share: values.SUBGRAPH_SHARING === "true",
      compression: values.SUBGRAPH_COMPRESSION === "true",
      internalSecret: values.INTERNAL_SECRET,
      forwardHeaders: values.FORWARD_HEADERS.map((name) => name.toLowerCase()),
    },
    tokens: values.JWKS_URL
      ? { jwksUrl: values.JWKS_URL, issuer: values.JWT_ISSUER, audience: values.JWT_AUDIENCE }
      : undefined,
    accessMode: values.ACCESS_MODE,
    trustedProxies: values.TRUSTED_PROXIES,
    corsOrigins: values.CORS_ORIGINS,
    introspection: choice(values.INTROSPECTION),
    queryPlans: choice(values.QUERY_PLANS),
    queryPlansRole: values.QUERY_PLANS_ROLE,
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
      maxComparisons: values.MAX_COMPARISONS,
    },
    cost: { max: values.MAX_COST, listSize: values.COST_LIST_SIZE },
    policyModule: values.POLICY_MODULE,
    executor: values.EXECUTOR,
    operationCacheBytes: values.OPERATION_CACHE_BYTES,
    overrideLabels: new Set(values.OVERRIDE_LABELS),
    warmDoor: values.WARM_DOOR === "true",
    planLimits: {
      maxPlanPaths: values.MAX_PLAN_PATHS,
      maxEvaluatedPlans: values.MAX_EVALUATED_PLANS,
      maxPlanMs: values.MAX_PLAN_MS,
      maxWaitingPlans: values.MAX_WAITING_PLANS,
      maxPlanWaitMs: values.MAX_PLAN_WAIT_MS,
    },
    redisUrl: values.REDIS_URL,
    broker: values.AMQP_URL ? { url: values.AMQP_URL, namespace: values.AMQP_NAMESPACE } : undefined,
    cursorSecrets: values.CURSOR_SECRET,
    subscriptions: {
      maxSubscriptions: values.MAX_SUBSCRIPTIONS,
      maxSubscriptionsPerClient: values.MAX_SUBSCRIPTIONS_PER_CLIENT,
      maxExecutions: values.MAX_STREAM_EXECUTIONS,
      replayRates: {
        gateway: { rate: values.REPLAY_RATE, burst: values.REPLAY_BURST },
        client: { rate: values.REPLAY_RATE_PER_CLIENT, burst: values.REPLAY_BURST_PER_CLIENT },
      },
      drainMs: values.STREAM_DRAIN_MS,
    },
    /** Under way at the same time over one connection. */
    maxSocketOperations: values.MAX_SOCKET_OPERATIONS,
    partners:
      values.PARTNERS_DATABASE_URL && values.PARTNER_KEY_PEPPER
        ? {
            databaseUrl: values.PARTNERS_DATABASE_URL,
            registryPollMs: values.PARTNER_REGISTRY_POLL_MS,
            keyPepper: values.PARTNER_KEY_PEPPER,
            formerPepper: values.PARTNER_KEY_PEPPER_PREVIOUS,
            idempotency: { keepHours: values.PARTNER_IDEMPOTENCY_HOURS, honouring: values.IDEMPOTENT_SUBGRAPHS },
            quotas: {
              partner: quotaOf(values.PARTNER_QUOTA_UNITS, values.PARTNER_QUOTA_WINDOW_S),
              key: quotaOf(values.PARTNER_KEY_QUOTA_UNITS, values.PARTNER_KEY_QUOTA_WINDOW_S),
            },
            usageDays: values.PARTNER_USAGE_DAYS,
            mcp: values.PARTNER_MCP === "true" ? { hosts: values.PARTNER_MCP_HOSTS } : undefined,
            seedDemo: values.SEED_DEMO === "true",
            webhookTargets: { allowHttp: !isProduction, allowPrivate: choice(values.PARTNER_WEBHOOK_ALLOW_PRIVATE) },
          }
        : undefined,
  });
}

const quotaOf = (units: number, windowS: number) => (units === 0 ? undefined : { units, windowS });

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
  PARTNERS_DATABASE_URL?: string | undefined;
  PARTNER_KEY_PEPPER?: string | undefined;
}): string[] {
  if (values.PARTNERS_DATABASE_URL === undefined) return [];
  const needed = ["PARTNERS_DATABASE_URL", "PARTNER_KEY_PEPPER"] as const;
  return needed
    .filter((name) => values[name] === undefined)
    .map((name) => `${name} is not set: the partner API needs ${needed.join(" and ")}`);
}

/** The demo keys are public. */
const seededProduction = (values: { SEED_DEMO: string; NODE_ENV: string }): string[] =>
  values.SEED_DEMO === "true" && values.NODE_ENV === "production"
    ? ["SEED_DEMO: must not be true when NODE_ENV is production; the demo keys are public"]
    : [];

function parseArguments(argv: readonly string[]) {
  const given: Record<string, string> = {};
  const subgraphs: string[] = [];
  const problems: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const [name = "", ...rest] = (argv[i] ?? "").split("=");
    const setting = FLAGS[name];
    if (setting === undefined && name !== SUBGRAPH_FLAG) {
      const names = [...Object.keys(FLAGS), SUBGRAPH_FLAG];
      problems.push(`"${argv[i]}" is not an option; there are ${names.join(", ")}`);
      continue;
    }
    const value = rest.length > 0 ? rest.join("=") : argv[++i];
    if (value === undefined || value === "") problems.push(`${name} needs a value`);
    else if (setting !== undefined) given[setting] = value;
    else if (isNamedUrl(value)) subgraphs.push(value);
    else problems.push(`${name} must be name=url, with an http or https URL`);
  }
  return { given, subgraphs, problems };
}

/** Fetching refuses a URL with a password in it, and log lines would hold it. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

function isNamedUrl(entry: string): boolean {
  return /^[^=]+=https?:\/\//.test(entry) && URL.canParse(urlOf(entry));
}

function nameOf(entry: string): string {
  return entry.slice(0, entry.indexOf("="));
}

function urlOf(entry: string): string {
  return entry.slice(entry.indexOf("=") + 1);
}
