import { ConfigError } from "../../../kit/config";
import { parseConfig } from "../config";

const complete = {
  DATABASE_URL: "postgres://postgres@127.0.0.1:5432/orders",
  AMQP_URL: "amqp://guest:guest@127.0.0.1:5672",
  INTERNAL_SECRET: "0123456789abcdef0123456789abcdef",
  PRODUCTS_SUBGRAPH_URL: "http://127.0.0.1:4002/graphql",
};

it("needs the database, the broker, the secret and products, and nothing else", () => {
  expect(parseConfig(complete)).toEqual({
    ...complete,
    PORT: 0,
    HOST: "127.0.0.1",
    LOG_LEVEL: "info",
    NODE_ENV: "development",
    AMQP_NAMESPACE: "",
    SEED_DEMO: false,
    TRIBUTARY_SUPERVISED: "0",
  });
});

it("names every bad setting at once, without its value", () => {
  const bad = {
    ...complete,
    DATABASE_URL: "mysql://root:hunter2@db",
    INTERNAL_SECRET: "short",
    PRODUCTS_SUBGRAPH_URL: "",
  };
  expect(() => parseConfig(bad)).toThrow(ConfigError);
  try {
    parseConfig(bad);
  } catch (error) {
    const { message } = error as ConfigError;
    for (const name of ["DATABASE_URL", "INTERNAL_SECRET", "PRODUCTS_SUBGRAPH_URL"]) expect(message).toContain(name);
    expect(message).not.toContain("hunter2");
  }
});

it("refuses demo data in production", () => {
  expect(parseConfig({ ...complete, SEED_DEMO: "true" }).SEED_DEMO).toBe(true);
  expect(() => parseConfig({ ...complete, SEED_DEMO: "true", NODE_ENV: "production" })).toThrow(/SEED_DEMO/);
});
