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

  it("the command line wins over the environment, in both spellings", () => {
    const argv = ["--supergraph", "other.graphql", "--port=0", "--host", "0.0.0.0"];
    expect(parseConfig({ ...MINIMAL, PORT: "4001" }, argv)).toMatchObject({
      supergraphFile: "other.graphql",
      port: 0,
      host: "0.0.0.0",
    });
  });

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

  it("partners need all of their settings", () => {
    expect(problemsOf({ ...MINIMAL, PARTNER_KEYS_URL: "http://users/keys" }).map((text) => text.split(" ")[0])).toEqual(
      ["PARTNER_MANIFEST", "PARTNER_KEY_PEPPER", "INTERNAL_SECRET"],
    );
  });

  it("subgraphs' addresses may contain an equals sign", () => {
    const { subgraphs } = parseConfig({ ...MINIMAL, SUBGRAPH_URLS: "a=http://a/?k=v, b=https://b/graphql" });
    expect([...subgraphs.urls]).toEqual([
      ["a", "http://a/?k=v"],
      ["b", "https://b/graphql"],
    ]);
  });
});
