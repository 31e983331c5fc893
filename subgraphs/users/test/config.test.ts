import { ConfigError } from "../../../kit/config";
import { parseConfig } from "../config";

const SECRET = "x".repeat(32);
const good = {
  DATABASE_URL: "postgres://localhost/users",
  AMQP_URL: "amqp://localhost",
  INTERNAL_SECRET: SECRET,
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  throw new Error("the configuration was accepted");
};

it("has defaults for all but the stores, the broker and the secrets", () => {
  expect(parseConfig(good)).toEqual({
    ...good,
    PORT: 0,
    HOST: "127.0.0.1",
    LOG_LEVEL: "info",
    NODE_ENV: "development",
    AMQP_NAMESPACE: "",
    SEED_DEMO: false,
    TRIBUTARY_SUPERVISED: "0",
  });
});

it("names every problem at once and no secret", () => {
  const problems = problemsOf({
    DATABASE_URL: "mysql://localhost",
    INTERNAL_SECRET: "hunter2",
    PORT: "many",
    NODE_ENV: "production",
    SEED_DEMO: "true",
  });
  const named = problems.map((problem) => problem.split(/[ :]/, 1)[0]).sort();
  expect(named).toEqual(["AMQP_URL", "DATABASE_URL", "INTERNAL_SECRET", "PORT", "SEED_DEMO"]);
  expect(problems.join()).not.toContain("hunter2");
});

it("refuses demo data in production, and takes it elsewhere", () => {
  expect(problemsOf({ ...good, SEED_DEMO: "true", NODE_ENV: "production" })).toEqual([
    expect.stringContaining("SEED_DEMO"),
  ]);
  expect(parseConfig({ ...good, SEED_DEMO: "true" }).SEED_DEMO).toBe(true);
});
