import { ConfigError } from "../../kit/config";
import { parseConfig } from "../config";

const MINIMAL = { SUPERGRAPH_FILE: "supergraph.graphql" };

function problemsOf(env: Record<string, string>, argv: string[] = []): readonly string[] {
  try {
    parseConfig(env, argv);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
  return [];
}

describe("configuration", () => {
  it("a supergraph is all that is needed, and every other feature is off", () => {
    const config = parseConfig(MINIMAL);
    expect(config).toMatchObject({
      port: 4000,
      host: "127.0.0.1",
      introspection: true,
      queryPlans: true,
      accessMode: "filter",
    });
    expect([config.tokens, config.partners, config.broker, config.redisUrl, config.subgraphs.healthPath]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("says what subscriptions may take", () => {
    const env = {
      MAX_SUBSCRIPTIONS: "1",
      MAX_SUBSCRIPTIONS_PER_CLIENT: "2",
      MAX_STREAM_EXECUTIONS: "3",
      REPLAY_RATE: "4",
      REPLAY_BURST: "5",
      REPLAY_RATE_PER_CLIENT: "6",
      REPLAY_BURST_PER_CLIENT: "7",
      STREAM_DRAIN_MS: "0",
    };
    expect(parseConfig({ ...MINIMAL, ...env }).subscriptions).toEqual({
      maxSubscriptions: 1,
      maxSubscriptionsPerClient: 2,
      maxExecutions: 3,
      replayRates: { gateway: { rate: 4, burst: 5 }, client: { rate: 6, burst: 7 } },
      drainMs: 0,
    });
    expect(problemsOf({ ...MINIMAL, STREAM_DRAIN_MS: "5001", REPLAY_RATE: "0" })).toHaveLength(2);
  });

  it("the command line wins over the environment, in both spellings", () => {
    const argv = ["--supergraph", "other.graphql", "--port=0", "--host", "0.0.0.0"];
    expect(parseConfig({ ...MINIMAL, PORT: "4001" }, argv)).toMatchObject({
      supergraphFile: "other.graphql",
      port: 0,
      host: "0.0.0.0",
    });
  });

  it("a supergraph may be a file or a URL", () => {
    expect(parseConfig({ SUPERGRAPH_FILE: "https://graphs.example/shop?key=1" })).toMatchObject({
      supergraphFile: "https://graphs.example/shop?key=1",
      supergraphPollMs: 10_000,
    });
    expect(parseConfig({ SUPERGRAPH_FILE: "C:\\graphs\\shop.graphql" }).supergraphFile).toBe(
      "C:\\graphs\\shop.graphql",
    );
  });

  it.each(["ftp://graphs.example/shop", "https://", "https://user:password@graphs.example/shop"])(
    "%s is no supergraph, and is not repeated",
    (source) => {
      expect(problemsOf({ SUPERGRAPH_FILE: source })).toEqual([
        "SUPERGRAPH_FILE: must be a file, or an http or https URL without a user and password",
      ]);
    },
  );

  it("a supergraph is not polled more often than ten times a second", () => {
    expect(problemsOf({ ...MINIMAL, SUPERGRAPH_POLL_MS: "99" })).toHaveLength(1);
    expect(parseConfig({ ...MINIMAL, SUPERGRAPH_POLL_MS: "100" }).supergraphPollMs).toBe(100);
  });

  it("what planning may cost can be set, each by itself", () => {
    const given = {
      MAX_PLAN_PATHS: "7",
      MAX_EVALUATED_PLANS: "8",
      MAX_PLAN_MS: "90",
      MAX_WAITING_PLANS: "5",
      MAX_PLAN_WAIT_MS: "70",
    };
    expect(parseConfig({ ...MINIMAL, ...given }).planLimits).toEqual({
      maxPlanPaths: 7,
      maxEvaluatedPlans: 8,
      maxPlanMs: 90,
      maxWaitingPlans: 5,
      maxPlanWaitMs: 70,
    });
    expect(parseConfig(MINIMAL).planLimits).toEqual({
      maxPlanPaths: 150,
      maxEvaluatedPlans: 100,
      maxPlanMs: 2_000,
      maxWaitingPlans: 200,
      maxPlanWaitMs: 5_000,
    });
    const wrong = {
      MAX_PLAN_PATHS: "0",
      MAX_EVALUATED_PLANS: "0",
      MAX_PLAN_MS: "9",
      MAX_WAITING_PLANS: "0",
      MAX_PLAN_WAIT_MS: "9",
    };
    expect(problemsOf({ ...MINIMAL, ...wrong })).toHaveLength(5);
  });

  it("the command line says where subgraphs are, one by one, and wins over the environment", () => {
    const argv = ["--subgraph", "a=http://here/?k=v,w", "--subgraph=c=https://there"];
    const { subgraphs } = parseConfig({ ...MINIMAL, SUBGRAPH_URLS: "a=http://a, b=http://b" }, argv);
    expect([...subgraphs.urls]).toEqual([
      ["a", "http://here/?k=v,w"],
      ["b", "http://b"],
      ["c", "https://there"],
    ]);
  });

  it.each(["a", "=http://a", "a=", "a=ftp://a", "a=http://"])(
    "--subgraph %s names no subgraph and its URL",
    (value) => {
      expect(problemsOf(MINIMAL, ["--subgraph", value])).toEqual([
        "--subgraph must be name=url, with an http or https URL",
      ]);
    },
  );

  it("production closes introspection, suggestions and query plans unless told otherwise", () => {
    const env = { ...MINIMAL, NODE_ENV: "production" };
    expect(parseConfig(env)).toMatchObject({ introspection: false, suggestions: false, queryPlans: false });
    expect(parseConfig({ ...env, INTROSPECTION: "true" }).introspection).toBe(true);
    expect(parseConfig({ ...MINIMAL, INTROSPECTION: "false" }).introspection).toBe(false);
  });

  it("names every problem at once, by setting, and no value", () => {
    const secret = "short secret";
    const problems = problemsOf(
      {
        PORT: "99999",
        INTERNAL_SECRET: secret,
        JWKS_URL: "ftp://keys",
        CORS_ORIGINS: "shop.example",
        FORWARD_HEADERS: "x-tributary-identity",
        SUBGRAPH_URLS: "users",
        MAX_DEPTH: "0",
        INTROSPECTION: "yes",
      },
      ["--prot", "--port"],
    );
    const expected = [
      "--prot",
      "--port",
      "PORT",
      "SUPERGRAPH_FILE",
      "INTERNAL_SECRET",
      "JWKS_URL",
      "CORS_ORIGINS",
      "FORWARD_HEADERS",
      "SUBGRAPH_URLS",
      "MAX_DEPTH",
      "INTROSPECTION",
    ];
    for (const name of expected) expect(problems.some((problem) => problem.includes(name))).toBe(true);
    expect(problems.join("\n")).not.toContain(secret);
  });

  it.each(["host", "content-length", "connection", "transfer-encoding", "X-Tributary-Other"])(
    "the header %s cannot be forwarded",
    (name) => {
      expect(problemsOf({ ...MINIMAL, FORWARD_HEADERS: name })).toHaveLength(1);
    },
  );

  it("proxies are trusted by their networks", () => {
    expect(parseConfig({ ...MINIMAL, TRUSTED_PROXIES: "10.0.0.0/8, ::1" }).trustedProxies).toEqual([
      "10.0.0.0/8",
      "::1",
    ]);
    expect(problemsOf({ ...MINIMAL, TRUSTED_PROXIES: "10.0.0.0/8,proxy" })).toEqual([
      expect.stringContaining("TRUSTED_PROXIES"),
    ]);
  });

  it("partners need all of their settings", () => {
    const problems = problemsOf({ ...MINIMAL, PARTNERS_DATABASE_URL: "postgres://host/partners" });
    expect(problems.map((text) => text.split(" ")[0])).toEqual(["PARTNER_KEY_PEPPER"]);
  });

  it("demo keys are not seeded in production", () => {
    expect(problemsOf({ ...MINIMAL, SEED_DEMO: "true" })).toEqual([]);
    expect(problemsOf({ ...MINIMAL, SEED_DEMO: "true", NODE_ENV: "production" })).toEqual([
      expect.stringContaining("SEED_DEMO"),
    ]);
  });

  it("subgraphs' addresses may contain an equals sign", () => {
    const { subgraphs } = parseConfig({ ...MINIMAL, SUBGRAPH_URLS: "a=http://a/?k=v, b=https://b/graphql" });
    expect([...subgraphs.urls]).toEqual([
      ["a", "http://a/?k=v"],
      ["b", "https://b/graphql"],
    ]);
  });
});
