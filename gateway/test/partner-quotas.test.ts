import { createHash } from "node:crypto";
import { startTcpProxy, type TcpProxy } from "../../e2e/harness/tcp-proxy";
import { createQuotaSettings } from "../partners/store/quotas";
import { manifestOf } from "./harness/partner-gateway";
import { type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { createTestPartners, partnersReady, type TestPartners } from "./harness/test-partners";

/** Estimated at ten products with ten related ones each, answered with two and one. */
const PRODUCTS = "query Products { products { id related { id } } }";
const PRODUCT = "query Product($id: ID!) { product(id: $id) { id } }";
const RENAME = 'mutation Rename($id: ID!) { rename(id: $id, name: "x") { id } }';
const FAULT = "query Fault { serverFault }";
const idOf = (body: string) => createHash("sha256").update(body).digest("hex");
const DAY_S = 86_400;

describe("quotas at the partners' doors", () => {
  let shop: Shop;
  let partners: TestPartners;
  let gateway: TestGateway;

  beforeAll(async () => {
    shop = await startShop();
    partners = await createTestPartners(["acme", "globex"]);
    const documents = [PRODUCTS, PRODUCT, RENAME, FAULT];
    await partners.publish(manifestOf({ acme: documents, globex: documents }));
    gateway = await startTestGateway({
      subgraphs: shop.all,
      env: {
        INTERNAL_SECRET: "an internal secret of 32 characters!",
        ...partners.env,
        PARTNER_QUOTA_UNITS: "300",
        PARTNER_QUOTA_WINDOW_S: String(DAY_S),
        PARTNER_KEY_QUOTA_UNITS: "115",
        PARTNER_KEY_QUOTA_WINDOW_S: String(DAY_S),
      },
    });
    await partnersReady(gateway);
  });
  afterAll(async () => {
    await gateway.close();
    await Promise.all([shop.close(), partners.close()]);
  });

  async function answerOf(response: Response) {
    const body = (await response.json()) as Record<string, unknown>;
    const { status, headers } = response;
    const limit = headers.get("ratelimit") ?? "";
    const [partner, key] = [...limit.matchAll(/r=(\d+)/g)].map(([, units]) => Number(units));
    return { status, headers, body, partner, key };
  }
  const byId = async (key: string, body: string, variables: object = {}) =>
    answerOf(
      await fetch(`${gateway.url}/partner/v1/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ documentId: idOf(body), variables }),
      }),
    );
  const byPath = async (key: string, at: string, headers: Record<string, string> = {}) =>
    answerOf(await fetch(`${gateway.url}/partner/v1${at}`, { headers: { "x-api-key": key, ...headers } }));

  it("a call costs what it was answered with, whatever it was estimated at, through every door", async () => {
    const key = await partners.addKey("acme");
    const first = await byId(key, PRODUCTS);
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit-policy")).toBe(`"partner";q=300;w=${DAY_S}, "key";q=115;w=${DAY_S}`);
    expect(first.headers.get("ratelimit")).toMatch(/^"partner";r=296;t=\d+, "key";r=111;t=\d+$/);
    expect((await byId(key, PRODUCT, { id: "1" })).key).toBe(110);
    expect(await byPath(key, "/ops/Product?id=1")).toMatchObject({ status: 200, key: 109 });
    // It failed, and cost the least.
    expect(await byPath(key, "/ops/Fault")).toMatchObject({ status: 500, key: 108 });
  });

  it("a mutation that is answered from its idempotency key costs the least", async () => {
    const key = await partners.addKey("acme");
    const send = () =>
      fetch(`${gateway.url}/partner/v1/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-api-key": key, "idempotency-key": "rename-1" },
        body: JSON.stringify({ documentId: idOf(RENAME), variables: { id: "1" } }),
      }).then(answerOf);
    expect(await send()).toMatchObject({ status: 200, key: 115 - 11 });
    expect(await send()).toMatchObject({ status: 200, key: 115 - 11 - 1 });
  });

  it("a quota that is used up is a 429 with Retry-After, worded as each door does", async () => {
    const key = await partners.addKey("globex");
    // Two of these are in; a third may cost more than is left.
    await byId(key, PRODUCTS);
    await byId(key, PRODUCTS);
    const refused = await byId(key, PRODUCTS);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("cache-control")).toBe("private, no-cache, must-revalidate");
    expect(refused.body).toMatchObject({
      errors: [{ extensions: { code: "QUOTA_EXCEEDED", "violated-policies": ["key"], cost: 110 } }],
    });
    const plain = await byPath(key, "/ops/Products", { origin: "http://localhost:5173" });
    expect(plain.status).toBe(429);
    expect(plain.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(plain.body).toMatchObject({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      status: 429,
      code: "QUOTA_EXCEEDED",
      "violated-policies": ["key"],
    });
    const retryAfterS = Number(plain.headers.get("retry-after"));
    expect(retryAfterS).toBeGreaterThan(0);
    expect(retryAfterS).toBeLessThanOrEqual(Math.ceil((3 * DAY_S) / 115));
    const exposed = (plain.headers.get("access-control-expose-headers") ?? "").split(", ");
    expect(exposed).toEqual(expect.arrayContaining(["ratelimit", "ratelimit-policy", "retry-after"]));
    // What costs less goes on.
    expect((await byId(key, PRODUCT, { id: "1" })).status).toBe(200);
  });

  it("a quota of a key's own holds as soon as it is set, and one that an operation never fits into is a 400", async () => {
    const key = await partners.addKey("acme");
    const keyId = key.slice("trib_live_".length).slice(0, 12);
    const settings = createQuotaSettings(partners.source);
    const policyBecomes = async (policy: string) => {
      while (!(await byId(key, PRODUCT, { id: "1" })).headers.get("ratelimit-policy")?.endsWith(policy));
    };
    expect(await settings.set({ slug: "acme", keyId }, { units: 100, windowS: 10 })).toBe(true);
    await policyBecomes('"key";q=100;w=10');
    const { status, body } = await byPath(key, "/ops/Products");
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "OPERATION_LIMIT_EXCEEDED", limit: "quota", max: 100, cost: 110 });
    expect(await settings.list("acme")).toEqual({
      partner: undefined,
      keys: new Map([[keyId, { units: 100, windowS: 10 }]]),
    });
    await settings.set({ slug: "acme", keyId }, undefined);
    await policyBecomes(`"key";q=115;w=${DAY_S}`);
    expect(await settings.set({ slug: "globex", keyId }, { units: 1, windowS: 1 })).toBe(false);
    expect(await settings.set({ slug: "nobody" }, { units: 1, windowS: 1 })).toBe(false);
  });

  it("counts refusals and shows the cost of nothing that is unknown", async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/gateway_partner_quota_refusals_total\{policy="key"\} 2/);
    const unknown = await byId(partners.keys["acme"] ?? "", "query Unknown { hello }");
    expect([unknown.status, unknown.headers.get("ratelimit")]).toEqual([404, null]);
  });
});

const redisUrl = process.env["TEST_REDIS_URL"];
const inRedis = redisUrl === undefined ? describe.skip : describe;

inRedis("quotas of two gateways", () => {
  let shop: Shop;
  let partners: TestPartners;
  let proxy: TcpProxy;
  let gateways: readonly TestGateway[];

  beforeAll(async () => {
    shop = await startShop();
    partners = await createTestPartners(["acme"]);
    await partners.publish(manifestOf({ acme: [PRODUCT] }));
    const { hostname, port } = new URL(redisUrl ?? "");
    proxy = await startTcpProxy({ host: hostname, port: Number(port || 6_379) });
    const env = {
      INTERNAL_SECRET: "an internal secret of 32 characters!",
      ...partners.env,
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      PARTNER_QUOTA_UNITS: "0",
      PARTNER_KEY_QUOTA_UNITS: "50",
      PARTNER_KEY_QUOTA_WINDOW_S: String(DAY_S),
    };
    gateways = [
      await startTestGateway({ subgraphs: shop.all, env }),
      await startTestGateway({ subgraphs: shop.all, env }),
    ];
    for (const gateway of gateways) await partnersReady(gateway);
  });
  afterAll(async () => {
    await proxy.heal();
    for (const gateway of gateways) await gateway.close();
    await Promise.all([shop.close(), partners.close()]);
    await proxy.close();
  });

  const call = async (i: number, key: string) => {
    const url = `${gateways[i % 2]!.url}/partner/v1/ops/Product?id=1`;
    const response = await fetch(url, { headers: { "x-api-key": key } });
    await response.arrayBuffer();
    return { status: response.status, left: Number(/r=(\d+)/.exec(response.headers.get("ratelimit") ?? "")?.[1]) };
  };
  const many = async (key: string, count = 80) => {
    const answers = await Promise.all(Array.from({ length: count }, (_, i) => call(i, key)));
    return {
      answered: answers.filter(({ status }) => status === 200).length,
      refused: answers.filter(({ status }) => status === 429).length,
    };
  };
  const fallbacks = async () => {
    const texts = await Promise.all(gateways.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
    const counts = texts.map((text) => Number(/^gateway_partner_quota_fallbacks_total\S* (\d+)/m.exec(text)?.[1]));
    return counts.reduce((a, b) => a + b);
  };

  /** With a fresh key, until Redis counted every call: on a machine that is busy with something else it may answer too late. */
  const manyShared = async () => {
    for (;;) {
      const key = await partners.addKey("acme");
      const before = await fallbacks();
      const counts = await many(key);
      if ((await fallbacks()) === before) return { key, counts };
    }
  };

  it("are one in Redis; while Redis is away each counts by itself, every call is answered, and after it they are one again", async () => {
    const shared = await manyShared();
    expect(shared.counts).toEqual({ answered: 50, refused: 30 });

    await proxy.refuse();
    const before = await fallbacks();
    expect(await many(await partners.addKey("acme"), 160)).toEqual({ answered: 100, refused: 60 });
    expect(await fallbacks()).toBe(before + 160);

    await proxy.heal();
    expect((await manyShared()).counts).toEqual({ answered: 50, refused: 30 });
    // What was used before is still known.
    const statusShared = async () => {
      const until = await fallbacks();
      const { status } = await call(0, shared.key);
      return (await fallbacks()) === until ? status : undefined;
    };
    let status: number | undefined;
    while (status === undefined) status = await statusShared();
    expect(status).toBe(429);
  }, 60_000);
});
