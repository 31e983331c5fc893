import { createHash } from "node:crypto";
import { createApiKey } from "../../kit/api-key";
import { runPartners } from "../partners/command/run-partners";
import { manifestOf } from "./harness/partner-gateway";
import { type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { createTestPartners, partnersReady, type TestPartners } from "./harness/test-partners";

const PRODUCT = "query Product($id: ID!) {\n  product(id: $id) {\n    name\n  }\n}";
const ID = createHash("sha256").update(PRODUCT).digest("hex");

interface Made {
  readonly key: string;
  readonly keyId: string;
}

describe("partners' keys at several gateways", () => {
  let shop: Shop;
  let partners: TestPartners;
  let gateways: TestGateway[];
  const start = () =>
    startTestGateway({
      subgraphs: shop.all,
      env: { INTERNAL_SECRET: "an internal secret of 32 characters!", LOG_LEVEL: "debug", ...partners.env },
    });

  beforeAll(async () => {
    shop = await startShop();
    partners = await createTestPartners(["acme"]);
    await partners.publish(manifestOf({ acme: [PRODUCT] }));
    gateways = [await start(), await start()];
    for (const gateway of gateways) {
      await partnersReady(gateway);
      await gateway.logged("changes of partners' keys are heard of");
    }
  });
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close();
    await partners.close();
    await shop.close();
  });

  const command = async (line: string) =>
    JSON.parse(
      await runPartners({
        argv: [...line.split(" "), "--json"],
        env: partners.env,
        input: () => Promise.resolve(""),
      }),
    ) as Made;
  const call = (gateway: TestGateway, key: string) =>
    fetch(`${gateway.url}/partner/v1/graphql/${ID}?variables={"id":"1"}`, { headers: { "x-api-key": key } });
  const statuses = (key: string) => Promise.all(gateways.map(async (gateway) => (await call(gateway, key)).status));

  it("a key that a command makes opens each of them, and none once a command revokes it", async () => {
    const { key, keyId } = await command("keys create --partner acme");
    expect(await statuses(key)).toEqual([200, 200]);
    await command(`keys revoke ${keyId}`);
    while ((await statuses(key)).includes(200)) continue;
    expect(await statuses(key)).toEqual([401, 401]);
  });

  it("after a rotation without overlap only the new key opens them", async () => {
    const old = await command("keys create --partner acme");
    expect(await statuses(old.key)).toEqual([200, 200]);
    const next = await command(`keys rotate ${old.keyId} --overlap 0m`);
    expect(await statuses(next.key)).toEqual([200, 200]);
    while ((await statuses(old.key)).includes(200)) continue;
    expect(await statuses(old.key)).toEqual([401, 401]);
  });

  it("a gateway that starts without its database serves all else, is not ready, and lets partners in once it is there", async () => {
    await partners.network.refuse();
    const late = await start();
    gateways.push(late);
    expect((await late.post({ query: "{ hello }" })).status).toBe(200);
    expect((await late.health.report()).checks["partners"]).toBe("failing");
    const key = partners.keys["acme"]!;
    const refused = await call(late, key);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    await partners.network.heal();
    await partnersReady(late);
    while ((await call(late, key)).status !== 200) continue;
  });

  it("no key is in any line of their logs, through whatever door it comes, right or wrong", async () => {
    const [gateway] = gateways as [TestGateway];
    const wrong = createApiKey("live").text;
    const test = await partners.addKey("acme", { mode: "test" }, createApiKey("test"));
    const far = await partners.addKey("acme", { allowed_ips: ["192.0.2.0/24"] });
    const revoked = await partners.addKey("acme", { revoked_at: new Date() });
    const keys = [partners.keys["acme"]!, wrong, test, far, revoked];
    const from = gateway.lines.length;
    const answers: string[] = [];
    for (const key of keys) {
      for (const [path, init] of [
        [`/partner/v1/graphql/${ID}?variables={"id":"1"}`, {}],
        ["/partner/v1/graphql", { method: "POST", body: JSON.stringify({ documentId: ID, variables: { id: "1" } }) }],
        ["/partner/v1/graphql", { method: "POST", body: "{" }],
        ["/partner/v1/ops/Product?id=1", {}],
        ["/partner/v1/nowhere", {}],
        ["/partner/v1/openapi.json", {}],
        ["/graphql", { method: "POST", body: JSON.stringify({ query: "{ hello }" }) }],
      ] as [string, RequestInit][]) {
        for (const sent of [{ "x-api-key": key }, { authorization: `Bearer ${key}` }] as Record<string, string>[]) {
          const headers = { "content-type": "application/json", ...sent };
          answers.push(await (await fetch(`${gateway.url}${path}`, { ...init, headers })).text());
        }
      }
    }
    const logged = JSON.stringify(gateway.lines);
    expect(gateway.lines.length).toBeGreaterThan(from + answers.length / 2);
    const isTold = (text: string) => keys.some((key) => text.includes(key.slice(-38)));
    expect([isTold(logged), isTold(answers.join(""))]).toEqual([false, false]);
  });
});
