import fs from "node:fs";
import path from "node:path";
import { inheritedEnvironment } from "../child-environment";
import { planServices } from "../plan-services";
import { planStores } from "../plan-stores";
import type { ProgramLog } from "../program-log";
import type { Secrets } from "../secrets";
import { parseSettings } from "../settings";
import { useTemporaryFolder } from "./temporary-folder";

const secret = (letter: string) => letter.repeat(32);
const secrets: Secrets = {
  INTERNAL_SECRET: secret("i"),
  CURSOR_SECRET: secret("c"),
  PARTNER_KEY_PEPPER: secret("p"),
  postgresPassword: secret("d"),
};
const stores = {
  users: "postgres://u",
  orders: "postgres://o",
  partners: "postgres://k",
  products: "mongodb://p",
  amqp: "amqp://a",
};
const ports = { users: 1, products: 2, orders: 3, gateway: 4_000 };

const plan = (env: Record<string, string> = {}) => {
  const settings = parseSettings(env, "/repository");
  const plans = planServices({ root: "/repository", settings, secrets, stores, ports, inherited: {} });
  return Object.fromEntries(plans.map((each) => [each.name, each]));
};

describe("planServices", () => {
  it("tells each subgraph of its own store and of no other", () => {
    const { users, products, orders } = plan();
    expect(users!.env).toMatchObject({ PORT: "1", DATABASE_URL: "postgres://u", SEED_DEMO: "true" });
    expect(products!.env).toMatchObject({ PORT: "2", MONGODB_URL: "mongodb://p" });
    expect(products!.env).not.toHaveProperty("DATABASE_URL");
    expect(orders!.env).toMatchObject({
      DATABASE_URL: "postgres://o",
      PRODUCTS_SUBGRAPH_URL: "http://127.0.0.1:2/graphql",
    });
  });

  it("tells the gateway where the subgraphs are", () => {
    const { gateway } = plan();
    expect(gateway!.env).toMatchObject({
      PORT: "4000",
      HOST: "127.0.0.1",
      SUBGRAPH_URLS:
        "users=http://127.0.0.1:1/graphql,products=http://127.0.0.1:2/graphql,orders=http://127.0.0.1:3/graphql",
      JWKS_URL: "http://127.0.0.1:1/.well-known/jwks.json",
      PARTNERS_DATABASE_URL: "postgres://k",
      SEED_DEMO: "true",
      CURSOR_SECRET: secret("c"),
    });
    expect(gateway!.env).not.toHaveProperty("REDIS_URL");
    expect(plan({ REDIS_URL: "redis://cache" }).gateway!.env.REDIS_URL).toBe("redis://cache");
  });

  it("gives the gateway, and nobody else, a large young generation", () => {
    const { gateway, ...others } = plan();
    expect(gateway!.execArgv).toEqual(["--max-semi-space-size=24"]);
    expect(Object.values(others).flatMap(({ execArgv }) => execArgv)).toEqual([]);
  });

  it("opens nothing but the gateway to other machines", () => {
    const { gateway, users } = plan({ HOST: "0.0.0.0" });
    expect(gateway!.env.HOST).toBe("0.0.0.0");
    expect(users!.env.HOST).toBe("127.0.0.1");
  });

  it("uses the user's secrets before the generated ones", () => {
    const { users, gateway } = plan({ INTERNAL_SECRET: secret("x") });
    expect(users!.env.INTERNAL_SECRET).toBe(secret("x"));
    expect(gateway!.env.INTERNAL_SECRET).toBe(secret("x"));
    expect(gateway!.env.PARTNER_KEY_PEPPER).toBe(secret("p"));
    expect(users!.env).not.toHaveProperty("PARTNER_KEY_PEPPER");
  });

  it("seeds nothing in production", () => {
    for (const each of Object.values(plan({ NODE_ENV: "production" }))) {
      expect(each.env).toMatchObject({ NODE_ENV: "production", DEMO: "false" });
      expect(each.env.SEED_DEMO ?? "false").toBe("false");
    }
  });
});

describe("inheritedEnvironment", () => {
  it("passes on what is not ours to hand out", () => {
    const env = {
      PATH: "/bin",
      SMTP_URL: "smtp://mail",
      PORT: "1",
      USERS_DATABASE_URL: "x",
      PGPASSWORD: "y",
      npm_x: "z",
    };
    expect(inheritedEnvironment({ ...env, EMPTY: undefined })).toEqual({ PATH: "/bin", SMTP_URL: "smtp://mail" });
  });
});

describe("planStores", () => {
  const folder = useTemporaryFolder();
  const log: ProgramLog = { write: () => {}, lastWords: () => [], close: () => {} };

  const planWith = (env: Record<string, string>, pathVariable = "") =>
    planStores({
      root: "/repository",
      settings: parseSettings(env, "/repository"),
      dataDirectory: folder(),
      postgresPassword: "p@ss",
      ports: { postgres: 10, mongo: 11, amqp: 12 },
      inherited: { PATH: pathVariable },
      openLog: () => log,
    });

  const installMongod = (script: string) => {
    const bin = path.join(folder(), "bin");
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, "mongod"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return bin;
  };

  it("embeds every server that has no URL", async () => {
    const { programs, urls, warnings } = await planWith({});
    expect(programs.map(({ name }) => name)).toEqual(["postgres", "mongo", "amqp"]);
    expect(urls).toEqual({
      users: "postgres://tributary:p%40ss@127.0.0.1:10/users",
      orders: "postgres://tributary:p%40ss@127.0.0.1:10/orders",
      partners: "postgres://tributary:p%40ss@127.0.0.1:10/partners",
      products: "mongodb://127.0.0.1:11/products",
      amqp: "amqp://guest:guest@127.0.0.1:12",
    });
    expect(warnings).toEqual([]);
  });

  it("starts no server that has a URL", async () => {
    const env = {
      USERS_DATABASE_URL: "postgres://mine/users",
      ORDERS_DATABASE_URL: "postgres://mine/orders",
      PARTNERS_DATABASE_URL: "postgres://mine/partners",
      PRODUCTS_MONGODB_URL: "mongodb://mine/products",
      AMQP_URL: "amqp://mine",
    };
    const { programs, urls } = await planWith(env);
    expect(programs).toEqual([]);
    expect(Object.values(urls).sort()).toEqual(Object.values(env).sort());
  });

  it("still embeds PostgreSQL when only one of its databases has a URL", async () => {
    const { programs, urls } = await planWith({ USERS_DATABASE_URL: "postgres://mine/users" });
    expect(programs[0]?.name).toBe("postgres");
    expect(urls.users).toBe("postgres://mine/users");
    expect(urls.orders).toContain("127.0.0.1:10/orders");
  });

  it("prefers a mongod that is on the PATH", async () => {
    const bin = installMongod('echo "db version v7.0.5"');
    const { programs, names } = await planWith({}, `/nowhere:${bin}`);
    expect(programs.map(({ name }) => name)).toContain("mongod");
    expect(names).toContain(`MongoDB (${bin}/mongod)`);
  });

  it.each([
    ["is too old", 'echo "db version v4.4.1"', "is older than MongoDB 6"],
    ["does not run on this processor", "kill -ILL $$", "does not run"],
  ])("says why it does not use a mongod that %s", async (_, script, reason) => {
    const { programs, warnings } = await planWith({}, installMongod(script));
    expect(programs.map(({ name }) => name)).toContain("mongo");
    expect(warnings).toEqual([expect.stringContaining(reason)]);
  });

  it("stays with the embedded MongoDB server once a shop began on it", async () => {
    fs.mkdirSync(path.join(folder(), "mongo"));
    const { programs } = await planWith({}, installMongod('echo "db version v7.0.5"'));
    expect(programs.map(({ name }) => name)).toContain("mongo");
  });

  it("warns when the shop's mongod is gone from the PATH", async () => {
    fs.mkdirSync(path.join(folder(), "mongod"));
    expect((await planWith({})).warnings).toEqual([expect.stringContaining("need a mongod on the PATH")]);
  });
});
