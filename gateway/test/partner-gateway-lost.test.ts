import http from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { forkService, type Service } from "../../deploy/local/fork-service";
import { type HttpListener, listen } from "../../kit/http/listen";
import { readBody } from "../../kit/http/read-body";
import { respondJson } from "../../kit/http/respond";
import { compose, federationLink } from "./harness/compose";
import { manifestOf } from "./harness/partner-gateway";
import { createTestPartners, type TestPartners } from "./harness/test-partners";

const root = path.resolve(__dirname, "../..");
const ORDERS_SDL = `${federationLink('["@key"]')} type Query { orders: Int } type Mutation { buy: ID }`;
const STOCK_SDL = `${federationLink('["@key"]')} type Query { stock: Int } type Mutation { ship: ID }`;
const DOCUMENTS = ["mutation Buy { buy }", "mutation Ship { ship }"];

jest.setTimeout(60_000);

/** Has an effect for each call, or, when it honours keys, for each key; while it is held it answers nobody. */
async function startEffects(field: string, honoursKeys: boolean) {
  const effects: string[] = [];
  const held: (() => void)[] = [];
  const keys: unknown[] = [];
  const state = { isHeld: false };
  const listener: HttpListener = await listen(
    (req, res) => {
      void readBody(req, 100_000).then(() => {
        const key = req.headers["x-tributary-idempotency-key"];
        keys.push(key);
        const name = honoursKeys && typeof key === "string" ? key : `call ${effects.length}`;
        if (!effects.includes(name)) effects.push(name);
        const answer = () => respondJson(res, 200, { data: { [field]: String(effects.indexOf(name) + 1) } });
        if (state.isHeld) held.push(answer);
        else answer();
      });
    },
    { port: 0, host: "127.0.0.1", drainMs: 0 },
  );
  return { url: `http://127.0.0.1:${listener.port}/graphql`, effects, held, keys, state, close: listener.close };
}

describe("a gateway that is killed between a mutation's effect and its answer", () => {
  let orders: Awaited<ReturnType<typeof startEffects>>;
  let stock: Awaited<ReturnType<typeof startEffects>>;
  let partners: TestPartners;
  let folder: string;
  let services: readonly Service[] = [];
  let ports: readonly number[] = [];

  beforeAll(async () => {
    [orders, stock] = await Promise.all([startEffects("buy", true), startEffects("ship", false)]);
    partners = await createTestPartners(["acme"]);
    await partners.publish(manifestOf({ acme: DOCUMENTS }));
    folder = await mkdtemp(path.join(os.tmpdir(), "tributary-lost-"));
    const supergraph = path.join(folder, "supergraph.graphql");
    const subgraphs = [
      { name: "orders", sdl: ORDERS_SDL, url: orders.url },
      { name: "stock", sdl: STOCK_SDL, url: stock.url },
    ];
    await writeFile(supergraph, compose(subgraphs));
    const env = {
      PATH: process.env["PATH"],
      PORT: "0",
      HOST: "127.0.0.1",
      LOG_LEVEL: "warn",
      SUPERGRAPH_FILE: supergraph,
      INTERNAL_SECRET: "an internal secret of 32 characters!",
      IDEMPOTENT_SUBGRAPHS: "orders",
      ...partners.env,
    };
    const file = path.join(root, "dist/gateway/main.js");
    services = [1, 2].map(() => forkService({ file, cwd: root, env, onOutput: () => undefined }));
    ports = await Promise.all(services.map(({ listening }) => listening));
    for (const port of ports) {
      while ((await fetch(`http://127.0.0.1:${port}/health/ready`)).status !== 200);
    }
  });
  afterAll(async () => {
    for (const service of services) {
      service.kill();
      await service.exited;
    }
    await Promise.all([orders?.close(), stock?.close()]);
    await partners?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const call = (at: number, operation: string) =>
    new Promise<{ status: number | undefined; headers: http.IncomingHttpHeaders; body: unknown }>((resolve, reject) => {
      const headers = {
        "x-api-key": partners.keys["acme"],
        "content-type": "application/json",
        "idempotency-key": `the only ${operation}`.replace(/ /g, "-"),
      };
      const options = {
        host: "127.0.0.1",
        port: ports[at],
        path: `/partner/v1/ops/${operation}`,
        method: "POST",
        headers,
      };
      const sent = http.request({ ...options, agent: false }, (response) => {
        readBody(response, 100_000).then(
          (text) =>
            resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(text.toString()) }),
          reject,
        );
      });
      sent.on("error", reject);
      sent.end("{}");
    });
  /** Asks until the first call is no longer taken for one that runs. */
  const outcomeOf = async (at: number, operation: string) => {
    for (;;) {
      const answer = await call(at, operation);
      if ((answer.body as { code?: string }).code !== "IDEMPOTENCY_KEY_IN_USE") return answer;
      expect([answer.status, answer.headers["retry-after"]]).toEqual([409, "1"]);
    }
  };

  it("the caller who tries again at another gateway gets the first effect, or hears that nobody knows; it never happens twice", async () => {
    orders.state.isHeld = stock.state.isHeld = true;
    const lost = [call(0, "Buy"), call(0, "Ship")].map((sent) =>
      sent.then(
        () => "answered",
        () => "lost",
      ),
    );
    while (orders.held.length + stock.held.length < 2) await new Promise((resolve) => setImmediate(resolve));
    services[0]!.kill();
    expect(await Promise.all(lost)).toEqual(["lost", "lost"]);
    orders.state.isHeld = stock.state.isHeld = false;

    const bought = await outcomeOf(1, "Buy");
    expect([bought.status, bought.body, bought.headers["idempotent-replayed"]]).toEqual([200, "1", undefined]);
    expect(orders.effects).toHaveLength(1);
    expect(orders.keys).toEqual([orders.keys[0], orders.keys[0]]);
    const again = await call(1, "Buy");
    expect([again.status, again.body, again.headers["idempotent-replayed"]]).toEqual([200, "1", "true"]);

    for (let i = 0; i < 2; i++) {
      const shipped = await outcomeOf(1, "Ship");
      expect([shipped.status, shipped.body]).toEqual([
        409,
        expect.objectContaining({ code: "IDEMPOTENCY_OUTCOME_UNKNOWN" }),
      ]);
    }
    expect(stock.effects).toHaveLength(1);
  });
});
