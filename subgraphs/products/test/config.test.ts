import { ConfigError } from "../../../kit/config";
import { parseConfig } from "../config";

const GOOD = {
  MONGODB_URL: "mongodb://127.0.0.1:27017/products",
  AMQP_URL: "amqp://127.0.0.1",
  INTERNAL_SECRET: "x".repeat(32),
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

it("needs a database, a broker and a secret, and has an answer for the rest", () => {
  expect(parseConfig(GOOD)).toMatchObject({
    ...GOOD,
    PORT: 0,
    HOST: "127.0.0.1",
    SEED_DEMO: false,
    AMQP_NAMESPACE: "",
  });
});

it("names everything that is missing or wrong at once, and no value", () => {
  const problems = problemsOf({ MONGODB_URL: "postgres://user:hunter2@host", INTERNAL_SECRET: "short", PORT: "x" });
  expect(problems.map((problem) => problem.split(/[ :]/)[0]).sort()).toEqual([
    "AMQP_URL",
    "INTERNAL_SECRET",
    "MONGODB_URL",
    "PORT",
  ]);
  expect(problems.join()).not.toMatch(/hunter2|short/);
});

it("refuses the demo data in production, beside whatever else is wrong", () => {
  const production = { NODE_ENV: "production", SEED_DEMO: "true" };
  expect(problemsOf({ ...GOOD, ...production })).toEqual([expect.stringMatching(/^SEED_DEMO: .*production/)]);
  expect(problemsOf(production)).toHaveLength(4);
});
