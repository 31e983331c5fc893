import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import path from "node:path";
import { MongoClient } from "mongodb";
import { forkService, type Service } from "../../../deploy/local/fork-service";
import { askSubgraph } from "../../../kit/test/subgraph-client";
import { DEMO_VARIANT } from "../../../schema/demo";

const root = path.resolve(__dirname, "../../..");
const file = path.join(root, "dist/subgraphs/products/main.js");
const secret = "a secret of the test, of thirty-two characters and more";
const databaseUrl = new URL(process.env["TEST_MONGODB_URL"] ?? "");
databaseUrl.pathname = `/products_${randomUUID().replaceAll("-", "")}`;

const started: Service[] = [];
afterEach(async () => {
  for (const service of started.splice(0)) {
    service.kill();
    await service.exited;
  }
});
afterAll(async () => {
  const client = await new MongoClient(databaseUrl.href).connect();
  await client.db().dropDatabase();
  await client.close();
});

function start(settings: Record<string, string>): { service: Service; output: () => string } {
  let output = "";
  const env = { PATH: process.env["PATH"], LOG_LEVEL: "info", ...settings };
  const service = forkService({ file, cwd: root, env, onOutput: (text) => void (output += text) });
  started.push(service);
  return { service, output: () => output };
}

/** A port at which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it("serves the shop while the broker is away, says so as a metric, and leaves when asked to", async () => {
  const { service } = start({
    MONGODB_URL: databaseUrl.href,
    AMQP_URL: `amqp://127.0.0.1:${await closedPort()}`,
    INTERNAL_SECRET: secret,
    SEED_DEMO: "true",
  });
  const port = await service.listening;
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: { database: "ok" } }]);
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toMatch(/broker_connected\{[^}]*\} 0/);
  const query = `{ productVariant(sku: "${DEMO_VARIANT.sku}") { id available } }`;
  expect((await askSubgraph({ port, name: "products", secret, query })).data).toEqual({
    productVariant: { id: DEMO_VARIANT.variantId, available: 5_000 },
  });
  await service.close();
  expect(await service.exited).toMatchObject({ code: 0 });
});

it("says every problem of its settings in one go and ends", async () => {
  const { service, output } = start({ MONGODB_URL: "redis://127.0.0.1", INTERNAL_SECRET: "short" });
  service.listening.catch(() => undefined);
  expect(await service.exited).toMatchObject({ code: 1 });
  expect(output()).toMatch(/MONGODB_URL: must be a URL that starts with mongodb:\/\//);
  expect(output()).toMatch(/AMQP_URL is not set/);
  expect(output()).toMatch(/INTERNAL_SECRET: must be a secret of at least 32 characters/);
  expect(output()).not.toMatch(/short|at .*\.js:\d+/);
});
