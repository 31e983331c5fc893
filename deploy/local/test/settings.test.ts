import { ConfigError } from "../../../kit/config";
import { parseSettings } from "../settings";

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseSettings(env, "/repository");
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};

describe("parseSettings", () => {
  it("needs nothing: port 4000, data in .data of the repository, embedded servers, demo data", () => {
    const settings = parseSettings({}, "/repository");
    expect(settings).toMatchObject({ port: 4_000, host: "127.0.0.1", dataDirectory: "/repository/.data", demo: true });
    expect(Object.values(settings.servers).every((url) => url === undefined)).toBe(true);
  });

  it("takes a relative data directory from the repository and an absolute one as it is", () => {
    expect(parseSettings({ TRIBUTARY_DATA_DIR: "shop" }, "/repository").dataDirectory).toBe("/repository/shop");
    expect(parseSettings({ TRIBUTARY_DATA_DIR: "/var/shop" }, "/repository").dataDirectory).toBe("/var/shop");
  });

  it("counts an empty variable as not set", () => {
    expect(parseSettings({ PORT: "", AMQP_URL: "" }, "/repository").port).toBe(4_000);
  });

  it("takes port 0 as any free port", () => {
    expect(parseSettings({ PORT: "0" }, "/repository").port).toBe(0);
  });

  it("names every setting that cannot be used, all at once", () => {
    const problems = problemsOf({
      PORT: "70000",
      USERS_DATABASE_URL: "not a url",
      ORDERS_DATABASE_URL: "mysql://host/orders",
      PRODUCTS_MONGODB_URL: "http://host",
      AMQP_URL: "127.0.0.1:5672",
      REDIS_URL: "memcached://host",
      INTERNAL_SECRET: "short",
      LOG_LEVEL: "loud",
      AMQP_NAMESPACE: "Not Allowed",
      SEED_DEMO: "maybe",
    });
    const named = problems.map((problem) => /^[A-Z_]+/.exec(problem)?.[0]);
    expect(named.sort()).toEqual([
      "AMQP_NAMESPACE",
      "AMQP_URL",
      "INTERNAL_SECRET",
      "LOG_LEVEL",
      "ORDERS_DATABASE_URL",
      "PORT",
      "PRODUCTS_MONGODB_URL",
      "REDIS_URL",
      "SEED_DEMO",
      "USERS_DATABASE_URL",
    ]);
  });

  it("never repeats a value, which may hold a password", () => {
    expect(problemsOf({ USERS_DATABASE_URL: "mysql://me:hunter2@host/users" }).join()).not.toContain("hunter2");
  });

  it("wants a database in a PostgreSQL URL", () => {
    expect(problemsOf({ USERS_DATABASE_URL: "postgres://host:5432" })).toEqual([
      expect.stringContaining("USERS_DATABASE_URL: must name a database"),
    ]);
  });

  it("refuses one database for two services", () => {
    const url = "postgres://host/shop";
    expect(problemsOf({ USERS_DATABASE_URL: url, ORDERS_DATABASE_URL: url })).toEqual([
      expect.stringContaining("ORDERS_DATABASE_URL: must not be the database of USERS_DATABASE_URL"),
    ]);
    expect(problemsOf({ ORDERS_DATABASE_URL: url, PARTNERS_DATABASE_URL: url })).toEqual([
      expect.stringContaining("PARTNERS_DATABASE_URL: must not be the database of ORDERS_DATABASE_URL"),
    ]);
  });

  it("has no demo data in production, and refuses to be asked for it", () => {
    expect(parseSettings({ NODE_ENV: "production" }, "/repository").demo).toBe(false);
    expect(problemsOf({ NODE_ENV: "production", SEED_DEMO: "true" })).toEqual([expect.stringContaining("SEED_DEMO")]);
  });
});
