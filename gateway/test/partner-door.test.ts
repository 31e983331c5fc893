import { createHash } from "node:crypto";
import { composeApiKey, createApiKey } from "../../kit/api-key";
import { createIdentityKey, verifyIdentity } from "../../kit/identity";
import { type Shop, startShop } from "./harness/shop";
import { type Answer, startTestGateway, type TestGateway } from "./harness/test-gateway";
import { createTestPartners, partnersReady, type TestPartners } from "./harness/test-partners";

const INTERNAL_SECRET = "an internal secret of 32 characters!";

const PRODUCT = "query Product($id: ID!) {\n  product(id: $id) {\n    name\n  }\n}";
const STAFF = "query Staff {\n  staffOnly\n}";
const RENAME = 'mutation Rename($id: ID!) {\n  rename(id: $id, name: "x") {\n    id\n  }\n}';
const OTHERS = "query Others {\n  hello\n}";
const idOf = (body: string) => createHash("sha256").update(body).digest("hex");
const operation = (name: string, body: string, clientName: string) => ({
  id: idOf(body),
  name,
  type: body.startsWith("mutation") ? "mutation" : "query",
  body,
  clientName,
});
const manifest = (...operations: object[]) =>
  JSON.stringify({ format: "apollo-persisted-query-manifest", version: 1, operations });

const KEY = createApiKey("live");
const OTHER = createApiKey("live");

describe("the partners' door", () => {
  let shop: Shop;
  let partners: TestPartners;
  let gateway: TestGateway;

  beforeAll(async () => {
    shop = await startShop();
    partners = await createTestPartners(["acme", "globex"]);
    await partners.addKey("acme", {}, KEY);
    await partners.addKey("globex", { scopes: ["staff"] }, OTHER);
    await partners.publish(
      manifest(
        operation("Product", PRODUCT, "acme"),
        operation("Staff", STAFF, "acme"),
        operation("Rename", RENAME, "acme"),
        operation("Staff", STAFF, "globex"),
        operation("Others", OTHERS, "globex"),
      ),
    );
    gateway = await startTestGateway({
      subgraphs: shop.all,
      env: { INTERNAL_SECRET, ...partners.env },
    });
    await partnersReady(gateway);
  });
  afterAll(async () => {
    await gateway.close();
    await Promise.all([shop.close(), partners.close()]);
  });

  const call = async (body: unknown, headers: Record<string, string> = { authorization: `Bearer ${KEY.text}` }) => {
    const response = await fetch(`${gateway.url}/partner/v1/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const answer = (await response.json()) as Answer["body"] & Record<string, unknown>;
    return { status: response.status, headers: response.headers, body: answer };
  };
  const id = idOf(PRODUCT);
  const variables = { id: "1" };
  const ANSWER = { data: { product: { name: "product 1" } } };

  it.each([
    ["documentId", { documentId: id }],
    ["documentId with its prefix", { documentId: `sha256:${id}` }],
    ["Apollo's extension", { extensions: { persistedQuery: { version: 1, sha256Hash: id } } }],
    [
      "the extension as graphql-codegen fills it",
      { extensions: { persistedQuery: { version: 1, sha256Hash: `sha256:${id}` } } },
    ],
    ["id", { id }],
    ["doc_id", { doc_id: id }],
    ["docId", { docId: id }],
    ["queryId", { queryId: id.toUpperCase() }],
  ])("runs a registered operation named by %s", async (_how, spelled) => {
    const { status, body } = await call({ ...spelled, variables });
    expect([status, body]).toEqual([200, ANSWER]);
  });

  it("takes the key from either header", async () => {
    expect((await call({ id, variables }, { "x-api-key": KEY.text })).body).toEqual(ANSWER);
    const both = { "x-api-key": KEY.text, authorization: `Bearer ${OTHER.text}` };
    expect((await call({ id, variables }, both)).status).toBe(401);
  });

  it("subgraphs learn which partner asks, and rules hold for partners", async () => {
    const denied = await call({ id: idOf(STAFF) });
    expect(denied.body.errors?.[0]?.extensions["code"]).toBe("FORBIDDEN");
    const allowed = await call({ id: idOf(STAFF) }, { authorization: `Bearer ${OTHER.text}` });
    expect(allowed.body).toEqual({ data: { staffOnly: "for staff" } });
    const header = shop.catalog.lastHeaders()["x-tributary-identity"] as string;
    expect(await verifyIdentity(createIdentityKey(INTERNAL_SECRET), header, "catalog")).toMatchObject({
      kind: "partner",
      subject: partners.ids["globex"],
      scopes: ["staff"],
    });
  });

  it.each([
    ["an unknown id", { id: "0".repeat(64) }, 404, "PERSISTED_QUERY_NOT_IN_LIST"],
    ["another partner's id", { id: idOf(OTHERS) }, 404, "PERSISTED_QUERY_NOT_IN_LIST"],
    ["an id and a text", { id, query: PRODUCT }, 400, "CANNOT_SEND_PQ_ID_AND_BODY"],
    ["a text", { query: "{ hello }" }, 403, "QUERY_NOT_IN_SAFELIST"],
    ["a registered text", { query: PRODUCT, variables }, 403, "QUERY_NOT_IN_SAFELIST"],
    ["neither", {}, 400, "PERSISTED_QUERY_ID_REQUIRED"],
    ["a batch", [{ id, variables }], 400, "BAD_REQUEST"],
    ["broken JSON", "{", 400, "BAD_REQUEST"],
  ])("refuses %s", async (_what, body, status, code) => {
    const answer = await call(body);
    expect([answer.status, answer.body.errors?.map(({ extensions }) => extensions["code"])]).toEqual([status, [code]]);
    // Apollo Client and urql would answer this message by sending the whole text.
    expect(JSON.stringify(answer.body)).not.toContain("PersistedQueryNotFound");
  });

  it("a refusal of an id is not cached by anybody", async () => {
    const { headers } = await call({ id: "0".repeat(64) });
    expect(headers.get("cache-control")).toBe("private, no-cache, must-revalidate");
  });

  it("wrong variables are a GraphQL error of the operation", async () => {
    const { status, body } = await call({ id, variables: { id: {} } });
    expect([status, body.errors?.[0]?.extensions["code"]]).toEqual([400, "BAD_USER_INPUT"]);
  });

  const unknown = createApiKey("live");
  const forged = composeApiKey("live", KEY.id, "0".repeat(32));
  it.each([
    ["no key", {}],
    ["a text that is no key", { authorization: "Bearer letmein" }],
    ["a key with a typing error", { authorization: `Bearer ${KEY.text.slice(0, -1)}~` }],
    ["an unknown key", { "x-api-key": unknown.text }],
    ["a key with a made-up secret", { "x-api-key": forged.text }],
    ["a user's token", { authorization: "Bearer a.b.c" }],
  ])("answers %s with a problem document", async (_what, headers) => {
    const answer = await call({ id, variables }, headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(answer.body).toMatchObject({ status: 401, title: "Unauthorized", code: "UNAUTHENTICATED" });
    expect(answer.body["requestId"]).toBe(answer.headers.get("x-request-id"));
  });

  it("a key for some operations runs no others of its partner", async () => {
    const key = await partners.addKey("acme", { operations: ["Staff"] });
    const refused = await call({ id, variables }, { "x-api-key": key });
    expect([refused.status, refused.body.errors?.[0]?.extensions["code"]]).toEqual([403, "FORBIDDEN"]);
    const plain = await fetch(`${gateway.url}/partner/v1/ops/Product?id=1`, { headers: { "x-api-key": key } });
    expect([plain.status, ((await plain.json()) as { code: string }).code]).toEqual([403, "FORBIDDEN"]);
    const allowed = await partners.addKey("acme", { operations: ["Staff", "Product"] });
    expect((await call({ id, variables }, { "x-api-key": allowed })).body).toEqual(ANSWER);
  });

  it("a key for some operations is told of no others of its partner", async () => {
    const told = async (operations: string[] | null) => {
      const headers = { "x-api-key": await partners.addKey("acme", { operations }) };
      const read = async (path: string) => (await fetch(`${gateway.url}/partner/v1${path}`, { headers })).text();
      const texts = [await read("/openapi.json"), await read("/docs/operations")];
      return texts.map((text) => ["Product", "Staff"].filter((name) => text.includes(`/ops/${name}`)));
    };
    expect(await told(null)).toEqual([
      ["Product", "Staff"],
      ["Product", "Staff"],
    ]);
    // One after the other: what was described for one key is not shown to the next.
    for (const name of ["Staff", "Product", "Staff"]) expect(await told([name])).toEqual([[name], [name]]);
    expect(await told(["Nothing"])).toEqual([[], []]);
  });

  it("a key for some networks is refused elsewhere; from where a call comes is told by proxies that are ours only", async () => {
    const near = await partners.addKey("acme", { allowed_ips: ["127.0.0.0/8"] });
    expect((await call({ id, variables }, { "x-api-key": near })).body).toEqual(ANSWER);
    const far = await partners.addKey("acme", { allowed_ips: ["192.0.2.0/24"] });
    const refused = await call({ id, variables }, { "x-api-key": far, "x-forwarded-for": "192.0.2.7" });
    expect([refused.status, refused.body["code"]]).toEqual([403, "FORBIDDEN"]);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
  });

  it("a database that is away is no verdict on a key, and takes no other door with it", async () => {
    await partners.network.refuse();
    try {
      const answer = await call({ id, variables }, { "x-api-key": createApiKey("live").text });
      expect([answer.status, answer.body["code"]]).toEqual([503, "SERVICE_UNAVAILABLE"]);
      expect((await gateway.post({ query: "{ hello }" })).status).toBe(200);
      expect((await gateway.health.report()).ready).toBe(true);
    } finally {
      await partners.network.heal();
    }
    const again = await call({ id, variables }, { "x-api-key": await partners.addKey("acme") });
    expect([again.status, again.body]).toEqual([200, ANSWER]);
  });

  const get = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
    const response = await fetch(`${gateway.url}/partner/v1/graphql${path}`, {
      method,
      headers: { "x-api-key": KEY.text, ...headers },
    });
    const text = await response.text();
    const body = (text === "" ? {} : JSON.parse(text)) as Answer["body"];
    return { status: response.status, headers: response.headers, body, text };
  };
  const sent = `variables=${encodeURIComponent(JSON.stringify(variables))}`;
  const codeOf = ({ status, body }: Awaited<ReturnType<typeof get>>) => [status, body.errors?.[0]?.extensions["code"]];

  it("POST takes only JSON, and other methods nothing", async () => {
    expect((await call("id=1", { "x-api-key": KEY.text, "content-type": "text/plain" })).status).toBe(415);
    const put = await get("", {}, "PUT");
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, HEAD, POST, OPTIONS"]);
  });

  it.each([
    ["in the query string", `?documentId=sha256:${id}&${sent}`],
    ["in Apollo's extension", `?extensions=${encodeURIComponent(`{"persistedQuery":{"sha256Hash":"${id}"}}`)}&${sent}`],
    ["in the path", `/${id}?${sent}`],
    ["in the path, encoded and in capitals", `/sha256%3A${id.toUpperCase()}?${sent}`],
    ["in the path with its name", `/sha256:${id}/Product?${sent}`],
    ["in path and query string alike", `/${id}?id=${id}&${sent}`],
  ])("GET runs a query whose id is %s", async (_where, path) => {
    const { status, body, headers } = await get(path);
    expect([status, body]).toEqual([200, ANSWER]);
    expect(headers.get("cache-control")).toBe("private, no-cache");
    expect(headers.get("vary")).toBe("Origin, Authorization, X-Api-Key, Accept");
  });

  it("POST takes the id from the path too", async () => {
    const response = await fetch(`${gateway.url}/partner/v1/graphql/${id}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": KEY.text },
      body: JSON.stringify({ variables }),
    });
    expect([response.status, await response.json()]).toEqual([200, ANSWER]);
  });

  it("what GET has answered is not sent again, unless something was wrong with it", async () => {
    const etag = (await get(`/${id}?${sent}`)).headers.get("etag") ?? "";
    const again = await get(`/${id}?${sent}`, { "if-none-match": etag });
    expect([again.status, again.text]).toEqual([304, ""]);
    const denied = await get(`/${idOf(STAFF)}`, { "if-none-match": "*" });
    expect(codeOf(denied)[1]).toBe("FORBIDDEN");
    expect(denied.headers.get("etag")).toBeNull();
  });

  it.each([
    ["a mutation", `/${idOf(RENAME)}?${sent}`, 405, "METHOD_NOT_ALLOWED"],
    ["nothing", "", 400, "PERSISTED_QUERY_ID_REQUIRED"],
    ["a text", "?query={hello}", 403, "QUERY_NOT_IN_SAFELIST"],
    ["an id with a text", `/${id}?query={hello}`, 400, "CANNOT_SEND_PQ_ID_AND_BODY"],
    ["an unknown id", `/${"0".repeat(64)}`, 404, "PERSISTED_QUERY_NOT_IN_LIST"],
    ["another partner's id", `/${idOf(OTHERS)}`, 404, "PERSISTED_QUERY_NOT_IN_LIST"],
    ["a prototype's name", "/__proto__", 404, "PERSISTED_QUERY_NOT_IN_LIST"],
    ["an id that is no id", "/..%2F..%2Fetc", 404, "PERSISTED_QUERY_NOT_IN_LIST"],
    ["two ids", `/${id}?id=${"0".repeat(64)}`, 400, "BAD_REQUEST"],
    ["a parameter twice", `/${id}?${sent}&${sent}`, 400, "BAD_REQUEST"],
    ["another name", `/${id}/Other?${sent}`, 400, "BAD_REQUEST"],
    ["broken variables", `/${id}?variables={`, 400, "BAD_REQUEST"],
    ["variables that are a list", `/${id}?variables=[]`, 400, "BAD_REQUEST"],
    ["a broken escape", `/%c0%af?${sent}`, 400, "BAD_REQUEST"],
    ["more of a path", `/${id}/Product/more`, 404, "NOT_FOUND"],
  ])("GET refuses %s", async (_what, path, status, code) => {
    expect(codeOf(await get(path))).toEqual([status, code]);
  });

  it("the access log names partner, key and operation, never the key itself", async () => {
    const { headers } = await call({ id, variables });
    const requestId = headers.get("x-request-id");
    const line = gateway.lines.find(({ msg, requestId: of }) => msg === "request answered" && of === requestId);
    expect(line).toMatchObject({ route: "/partner/v1/graphql", partner: "acme", keyId: KEY.id, operation: "Product" });
    expect(JSON.stringify(gateway.lines)).not.toContain(KEY.text);
  });

  it("the documentation shows nobody's operations to who has no key", async () => {
    const response = await fetch(`${gateway.url}/partner/v1/docs`);
    const html = await response.text();
    for (const text of ["Idempotency-Key", "QUOTA_EXCEEDED", "/partner/v1/graphql"]) expect(html).toContain(text);
    for (const text of [id, "Product", "acme", "trib_test_demo"]) expect(html).not.toContain(text);
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-[^ ]+';/);
    expect(policy).not.toContain("unsafe");
    // One script and one style, within the page; whatever is asked of the page is asked of this server.
    expect(html.match(/<script|<style|<img|<iframe|@import|url\(|\bsrc=/g)).toEqual(["<style", "<script"]);
    expect((await fetch(`${gateway.url}/partner/v1/docs/operations`)).status).toBe(401);
  });

  it("the documentation shows who has a key each operation with its path, parameters, id and text, escaped", async () => {
    const response = await fetch(`${gateway.url}/partner/v1/docs/operations`, { headers: { "x-api-key": KEY.text } });
    const html = await response.text();
    for (const text of [
      id,
      "Product",
      "ID!",
      "documentId",
      "product(id: $id)",
      "curl",
      "PersistedQueryLink",
      "/ops/Product",
    ])
      expect(html).toContain(text);
    expect(html).not.toMatch(/<script|<img|<iframe|@import|url\(|\son\w+=/);
    expect(html).not.toContain(KEY.text);
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
  });

  it("what is published while it runs is called at once, and what it replaces until its sunset", async () => {
    const served = "registered operations are served";
    const publish = async (operations: readonly object[], sunsetAt: Date) => {
      const from = gateway.lines.length;
      await partners.publish(manifest(...operations), sunsetAt);
      await gateway.logged(served, from);
    };
    const sunsetAt = new Date(Date.now() + 3_600_000);
    await publish([operation("Others", OTHERS, "acme")], sunsetAt);
    expect((await call({ id: idOf(OTHERS) })).body).toEqual({ data: { hello: "hello world" } });
    const old = await call({ id, variables });
    expect([old.status, old.body]).toEqual([200, ANSWER]);
    expect(old.headers.get("sunset")).toBe(sunsetAt.toUTCString());
    expect(old.headers.get("deprecation")).toMatch(/^@\d{10}$/);

    await publish([operation("Staff", STAFF, "acme")], new Date(Date.now() - 1));
    const gone = await call({ id: idOf(OTHERS) });
    expect(gone.status).toBe(410);
    expect(gone.headers.get("cache-control")).toContain("no-cache");
    expect(gone.body.errors).toMatchObject([
      {
        message: expect.stringMatching(/^The operation Others was retired on [\d-]{10}\.$/) as string,
        extensions: { code: "OPERATION_RETIRED" },
      },
    ]);
    expect((await call({ id, variables })).status).toBe(200);
  });
});
