import { type Shop, startShop } from "./harness/shop";
import { startTestGateway, type TestGateway } from "./harness/test-gateway";
import { startTokenIssuer, type TokenIssuer } from "./harness/token-issuer";
import { createIdentityKey, verifyIdentity } from "../../kit/identity";

const INTERNAL_SECRET = "an internal secret of 32 characters!";
const QUERY = { query: "{ hello mine staffOnly }" };

describe("who asks at /graphql", () => {
  let shop: Shop;
  let issuer: TokenIssuer;
  let gateway: TestGateway;

  beforeAll(async () => {
    [shop, issuer] = await Promise.all([startShop(), startTokenIssuer()]);
    gateway = await startTestGateway({ subgraphs: shop.all, env: { JWKS_URL: issuer.jwksUrl, INTERNAL_SECRET } });
  });
  afterAll(async () => {
    await gateway.close();
    await Promise.all([shop.close(), issuer.close()]);
  });

  const as = async (claims: Record<string, unknown>) => ({ authorization: `Bearer ${await issuer.sign(claims)}` });
  const refused = (field: string, code: string) => ({
    message: code === "FORBIDDEN" ? `You are not allowed to use "${field}".` : `Sign in to use "${field}".`,
    path: [field],
    extensions: { code },
  });

  it("an anonymous caller is answered what is open, and told what is not", async () => {
    const { status, body } = await gateway.post(QUERY);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { hello: "hello world", mine: null, staffOnly: null },
      errors: [refused("mine", "UNAUTHENTICATED"), refused("staffOnly", "UNAUTHENTICATED")],
    });
  });

  it("a signed-in caller lacks scopes, not an identity", async () => {
    const { body } = await gateway.post(QUERY, await as({ scope: "customer" }));
    expect(body).toEqual({
      data: { hello: "hello world", mine: "yours", staffOnly: null },
      errors: [refused("staffOnly", "FORBIDDEN")],
    });
  });

  it("scopes open what requires them, and subgraphs learn who asks", async () => {
    const { body } = await gateway.post(QUERY, await as({ sub: "u7", scope: "staff", roles: ["STAFF"] }));
    expect(body).toEqual({ data: { hello: "hello world", mine: "yours", staffOnly: "for staff" } });
    const header = shop.catalog.lastHeaders()["x-tributary-identity"] as string;
    expect(await verifyIdentity(createIdentityKey(INTERNAL_SECRET), header, "catalog")).toMatchObject({
      kind: "user",
      subject: "u7",
      scopes: ["staff"],
    });
  });

  it("answers of one caller are never another's, though the document is the same", async () => {
    const staff = await as({ scope: "staff" });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => gateway.post(QUERY, i % 2 === 0 ? staff : {})),
    );
    answers.forEach(({ body }, i) => expect(body.data?.["staffOnly"]).toBe(i % 2 === 0 ? "for staff" : null));
  });

  it.each([
    ["an expired", { exp: 1 }, "The access token has expired."],
    ["a foreign", { iss: "someone" }, "The access token is not valid."],
  ])("%s token is refused, though the query needs none", async (_what, claims, message) => {
    const { status, body, headers } = await gateway.post({ query: "{ hello }" }, await as(claims));
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toContain("Bearer");
    expect(body).toEqual({
      errors: [{ message, extensions: { code: "UNAUTHENTICATED", requestId: headers.get("x-request-id") } }],
    });
  });

  it.each(["Bearer", "Bearer x", "Basic abc", "Bearer a.b.c.d"])(
    "a malformed header is refused: %s",
    async (authorization) => {
      expect((await gateway.post({ query: "{ hello }" }, { authorization })).status).toBe(401);
    },
  );

  it("a client's own identity header counts for nothing", async () => {
    const { body } = await gateway.post(QUERY, { "x-tributary-identity": "eyJhbGciOiJIUzI1NiJ9.e30.x" });
    expect(body.data).toEqual({ hello: "hello world", mine: null, staffOnly: null });
  });
});

describe("mode reject", () => {
  it("refuses the operation with a status and its errors", async () => {
    const [shop, issuer] = await Promise.all([startShop(), startTokenIssuer()]);
    const env = { ACCESS_MODE: "reject", JWKS_URL: issuer.jwksUrl };
    const gateway = await startTestGateway({ subgraphs: shop.all, env });
    try {
      const anonymous = await gateway.post(QUERY);
      expect([anonymous.status, anonymous.body.data]).toEqual([401, undefined]);
      expect(anonymous.body.errors?.map(({ path }) => path)).toEqual([["mine"], ["staffOnly"]]);
      const authorization = `Bearer ${await issuer.sign()}`;
      const { status, body } = await gateway.post(QUERY, { authorization });
      expect([status, body.errors?.map(({ extensions }) => extensions)]).toEqual([403, [{ code: "FORBIDDEN" }]]);
      expect(shop.catalog.received).toEqual([]);
    } finally {
      await gateway.close();
      await Promise.all([shop.close(), issuer.close()]);
    }
  });
});

describe("without a key set", () => {
  it("every caller is anonymous and a token is nobody's business here", async () => {
    const shop = await startShop();
    const gateway = await startTestGateway({ subgraphs: shop.all });
    try {
      const { status, body } = await gateway.post(QUERY, { authorization: "Bearer whatever" });
      expect([status, body.data]).toEqual([200, { hello: "hello world", mine: null, staffOnly: null }]);
    } finally {
      await gateway.close();
      await shop.close();
    }
  });
});
