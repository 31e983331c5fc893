import { createHealth } from "../health";
import { createLogger } from "../log";
import { createShutdown } from "../shutdown";

const log = createLogger("test", "silent");
afterEach(() => {
  for (const event of ["SIGTERM", "SIGINT", "disconnect"]) process.removeAllListeners(event);
});

test("closes in reverse order after readiness turned false, also when one resource fails, and leaves with 0", async () => {
  const health = createHealth();
  const order: string[] = [];
  const codes: number[] = [];
  const shutdown = createShutdown({ log, health, exit: (code) => codes.push(code) });
  shutdown.add("database", { close: () => order.push("database") });
  shutdown.add("broken", { close: () => Promise.reject(new Error("stuck")) });
  shutdown.add("server", {
    close: async () => order.push((await health.report()).ready ? "server while ready" : "server"),
  });
  await Promise.all([shutdown.now("test"), shutdown.now("again")]);
  expect(order).toEqual(["server", "database"]);
  expect(codes).toEqual([0]);
});

test("leaves with 1 when a resource does not close within the deadline", async () => {
  const left = new Promise<number>((resolve) => {
    const shutdown = createShutdown({ log, health: createHealth(), deadlineMs: 1, exit: resolve });
    shutdown.add("stuck", { close: () => new Promise(() => undefined) });
    void shutdown.now("test");
  });
  // The deadline's timer does not keep the process alive, so something else must while we wait for it.
  const alive = setInterval(() => undefined, 1_000);
  expect(await left).toBe(1);
  clearInterval(alive);
});
