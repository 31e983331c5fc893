import { createHealth } from "../health";

test("is ready when every check holds, and names the ones that do not", async () => {
  const health = createHealth();
  let database = true;
  health.require("database", () => database);
  health.require("cache", () => Promise.resolve(true));
  expect(await health.report()).toEqual({ ready: true, checks: { database: "ok", cache: "ok" } });
  database = false;
  expect(await health.report()).toEqual({ ready: false, checks: { database: "failing", cache: "ok" } });
});

test("a check that throws or rejects is failing, not an error", async () => {
  const health = createHealth();
  health.require("throws", () => {
    throw new Error("away");
  });
  health.require("rejects", () => Promise.reject(new Error("away")));
  expect(await health.report()).toEqual({ ready: false, checks: { throws: "failing", rejects: "failing" } });
});

test("draining is not ready, whatever the checks say", async () => {
  const health = createHealth();
  health.drain();
  expect((await health.report()).ready).toBe(false);
});
