import { findFreePorts } from "../free-ports";
import { probeServer } from "../probe-server";
import type { ServerSetting } from "../settings";

describe("probeServer", () => {
  it.each<[ServerSetting, string]>([
    ["USERS_DATABASE_URL", "postgres://me:hunter2@HOST/users"],
    ["PRODUCTS_MONGODB_URL", "mongodb://me:hunter2@HOST/products"],
    ["AMQP_URL", "amqp://me:hunter2@HOST"],
    ["REDIS_URL", "redis://me:hunter2@HOST"],
  ])("names %s when nothing listens there, and keeps the password to itself", async (setting, template) => {
    const [port] = await findFreePorts(1);
    const sentence = await probeServer(setting, template.replace("HOST", `127.0.0.1:${port}`));
    expect(sentence).toMatch(
      new RegExp(`^${setting}: .* at 127\\.0\\.0\\.1:${port} does not let us in \\(.*ECONNREFUSED`),
    );
    expect(sentence).not.toContain("hunter2");
  });

  it("is silent about servers that answer", async () => {
    const { TEST_POSTGRES_URL, TEST_AMQP_URL, TEST_MONGODB_URL } = process.env;
    expect(await probeServer("USERS_DATABASE_URL", TEST_POSTGRES_URL!)).toBeUndefined();
    expect(await probeServer("AMQP_URL", TEST_AMQP_URL!)).toBeUndefined();
    expect(await probeServer("PRODUCTS_MONGODB_URL", TEST_MONGODB_URL!)).toBeUndefined();
  });

  it("says what is wrong with a server that answers: a database that does not exist", async () => {
    const url = new URL(process.env.TEST_POSTGRES_URL!);
    url.pathname = "/no_such_database";
    expect(await probeServer("ORDERS_DATABASE_URL", url.href)).toContain('database "no_such_database" does not exist');
  });
});
