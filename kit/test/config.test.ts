import {
  brokerSettings,
  ConfigError,
  flag,
  integer,
  list,
  parseEnvironment,
  port,
  secret,
  serviceSettings,
  url,
} from "../config";

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  throw new Error("the environment was accepted");
};

test("reads settings, applies defaults and freezes the result", () => {
  const settings = parseEnvironment(
    { PORT: "4001", AMQP_URL: "amqp://localhost", SEED: "true", NAMES: "a, b,,c" },
    { ...serviceSettings, ...brokerSettings, SEED: flag(false), NAMES: list(), COUNT: integer(3, { min: 1, max: 9 }) },
  );
  expect(settings).toMatchObject({ PORT: 4001, HOST: "127.0.0.1", LOG_LEVEL: "info", SEED: true, COUNT: 3 });
  expect(settings.NAMES).toEqual(["a", "b", "c"]);
  expect(Object.isFrozen(settings)).toBe(true);
});

test("an empty text counts as not set", () => {
  expect(parseEnvironment({ PORT: "" }, { PORT: port(7) })).toEqual({ PORT: 7 });
});

test("names every bad setting at once and never shows a value", () => {
  const problems = problemsOf(() =>
    parseEnvironment(
      { PORT: "99999", AMQP_URL: "http://user:hunter2@host", KEY: "hunter2", SEED: "yes" },
      {
        PORT: port(),
        AMQP_URL: url(["amqp", "amqps"]),
        KEY: secret(),
        SEED: flag(false),
        DATABASE_URL: url(["postgres"]),
      },
    ),
  );
  expect(problems.map((problem) => problem.split(/[: ]/)[0])).toEqual([
    "PORT",
    "AMQP_URL",
    "KEY",
    "SEED",
    "DATABASE_URL",
  ]);
  expect(problems.join("\n")).not.toContain("hunter2");
  expect(problems.find((problem) => problem.startsWith("DATABASE_URL"))).toContain("is not set");
});
