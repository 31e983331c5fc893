import { createAnswerCheck, findOpenApiErrors, type OpenApi } from "./harness/check-openapi";
import { type PartnerGateway, startPartnerGateway } from "./harness/partner-gateway";
import { type Shop, startShop } from "./harness/shop";

const DOCUMENTS = [
  "query Products { products { id related { id } } }",
  "query Staff { staffOnly }",
  "mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) { id } }",
];

interface Figures {
  readonly calls: number;
  readonly [name: string]: unknown;
}
interface Report {
  readonly from: string;
  readonly to: string;
  readonly total: Figures;
  readonly usage: readonly (Figures & { readonly operation: string; readonly keyId: string })[];
}

describe("usage figures", () => {
  let shop: Shop;
  let gateway: PartnerGateway;
  let key: string;
  let second: string;
  let check: ReturnType<typeof createAnswerCheck>;
  const keyIdOf = (text: string) => text.slice("trib_live_".length).slice(0, 12);

  const get = (path: string, headers: Record<string, string> = {}, with_ = key) =>
    fetch(`${gateway.url}/partner/v1${path}`, { headers: { "x-api-key": with_, ...headers } });
  const report = async (search = "", with_ = key) => (await (await get(`/usage${search}`, {}, with_)).json()) as Report;

  beforeAll(async () => {
    shop = await startShop();
    gateway = await startPartnerGateway({ subgraphs: shop.all, documents: { acme: DOCUMENTS, globex: DOCUMENTS } });
    key = gateway.keys["acme"] ?? "";
    second = await gateway.addKey("acme");
    const described = (await (await get("/openapi.json")).json()) as OpenApi;
    expect(findOpenApiErrors(described)).toEqual([]);
    check = createAnswerCheck(described);

    const client = { "apollographql-client-name": '=cmd|"/c calc"!A1', "apollographql-client-version": "1.2" };
    for (let i = 0; i < 3; i++) await get("/ops/Products", client);
    await get("/ops/Staff", { "user-agent": "curl/8" });
    await get("/ops/Products", {}, second);
    await get("/ops/Products", {}, gateway.keys["globex"]);
    // Refused by a stage: it has no idempotency key.
    await fetch(`${gateway.url}/partner/v1/ops/Rename`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ id: "1", name: "x" }),
    });
    while ((await report()).total.calls < 6 || (await report("", gateway.keys["globex"])).total.calls < 1);
  });
  afterAll(async () => {
    await gateway.close();
    await shop.close();
  });

  it("tell by day, operation and key what the partner's own keys did, as OpenAPI describes it", async () => {
    const response = await get("/usage");
    const body = (await response.json()) as Report;
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    expect(check("GET", "/usage", 200, body)).toEqual([]);
    const today = new Date().toISOString().slice(0, 10);
    expect(body.to).toBe(today);
    expect(Date.parse(body.to) - Date.parse(body.from)).toBe(29 * 86_400_000);
    expect(body.total).toMatchObject({ calls: 6, failedCalls: 2, cost: 16, doors: { rest: 6 } });
    expect(body.total["errors"]).toEqual({ FORBIDDEN: 1, IDEMPOTENCY_KEY_REQUIRED: 1 });
    const products = body.usage.filter(({ operation }) => operation === "Products");
    expect(products.map(({ keyId }) => keyId).sort()).toEqual([keyIdOf(key), keyIdOf(second)].sort());
    expect(products.find(({ keyId }) => keyId === keyIdOf(key))).toMatchObject({
      day: today,
      calls: 3,
      failedCalls: 0,
      cost: 12,
      client: { name: '=cmd|"/c calc"!A1', version: "1.2" },
    });
  });

  it("of other partners are not told", async () => {
    const { total, usage } = await report("", gateway.keys["globex"]);
    expect(total.calls).toBe(1);
    expect(usage).toHaveLength(1);
  });

  it("are those of the days and the operation asked for", async () => {
    expect((await report("?operation=Staff")).usage.map(({ operation }) => operation)).toEqual(["Staff"]);
    expect((await report("?from=2020-01-01&to=2020-03-31")).total).toMatchObject({
      calls: 0,
      latencyMs: { p50: null, p95: null, p99: null },
    });
  });

  it.each([
    ["asked for by Accept", "/usage", { accept: "text/csv" }],
    ["asked for in the address", "/usage?format=csv", { accept: "application/json" }],
    ["preferred", "/usage", { accept: "application/json;q=0.5, text/csv;q=0.9" }],
  ])("are CSV when that is %s, in which no cell is a formula", async (_how, path, headers) => {
    const response = await get(path, headers);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="usage-[\d-]+\.csv"$/);
    const [head, ...lines] = (await response.text()).split("\r\n");
    expect(head).toBe(
      "day,operation,keyId,calls,failedCalls,errors,p50Ms,p95Ms,p99Ms,cost,answerBytes,deprecatedFields,doors,clientName,clientVersion,userAgent,lastCallAt",
    );
    expect(lines).toHaveLength(5);
    expect(lines.find((line) => line.includes(`Products,${keyIdOf(key)},3,0,`))).toContain(
      `rest:3,"'=cmd|""/c calc""!A1",1.2,`,
    );
    expect(lines.find((line) => line.includes("Staff"))).toContain("FORBIDDEN:1,");
  });

  it.each([
    ["nothing in particular", "*/*"],
    ["JSON rather", "text/csv;q=0.1, application/json"],
    ["anything but CSV", "text/csv;q=0, */*"],
  ])("are JSON for who takes %s", async (_what, accept) => {
    expect((await get("/usage", { accept })).headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  it("are sent once: what is known already is 304", async () => {
    const etag = (await get("/usage?operation=Staff")).headers.get("etag") ?? "";
    expect((await get("/usage?operation=Staff", { "if-none-match": etag })).status).toBe(304);
  });

  it.each([
    ["a day that is none", "?from=2026-02-30"],
    ["another spelling of a day", "?to=21.11.2026"],
    ["a day before all days", "?from=0000-01-01"],
    ["days in the wrong order", "?from=2026-11-02&to=2026-11-01"],
    ["too many days", "?from=2026-01-01&to=2026-04-03"],
    ["what is no operation's name", "?operation=%27%20or%20true"],
    ["another format", "?format=xml"],
    ["an unknown parameter", "?partner=globex"],
    ["a parameter twice", "?from=2026-11-01&from=2026-11-02"],
    ["a broken escape", "?from=%ZZ"],
  ])("%s is refused as a problem document", async (_what, search) => {
    const response = await get(`/usage${search}`);
    const body = await response.json();
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(body).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(check("GET", "/usage", 400, body)).toEqual([]);
  });

  it("need a key, are only read, and are at one path", async () => {
    expect((await fetch(`${gateway.url}/partner/v1/usage`)).status).toBe(401);
    const posted = await fetch(`${gateway.url}/partner/v1/usage`, { method: "POST", headers: { "x-api-key": key } });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect((await get("/usage/today")).status).toBe(404);
  });
});
