import { createSecretKey } from "node:crypto";
import { SignJWT } from "jose";
import { composeApiKey, hashApiKey, matchesApiKey } from "../../../kit/api-key";
import { createIdentityKey, IDENTITY_HEADER, serviceIdentity, signIdentity } from "../../../kit/identity";
import { newId } from "../../../kit/ids";
import { askSubgraph } from "../../../kit/test/subgraph-client";
import { DEMO_PARTNER, DEMO_PARTNER_KEY } from "../../../schema/demo";
import { PEPPER, SECRET, startUsers, type TestUsers, viewerOf } from "./start-users";

let users: TestUsers;
beforeAll(async () => {
  users = await startUsers({ seed: true });
});
afterAll(() => users.close());

const admin = viewerOf(newId(), ["ADMIN"]);

/** An identity header as the gateway makes it, but for what is changed. */
const craft = (change: { audience?: string; typ?: string; expires?: string; secret?: string } = {}) =>
  new SignJWT({ viewer: admin })
    .setProtectedHeader({ alg: "HS256", typ: change.typ ?? "tributary-identity+jwt" })
    .setIssuer("gateway")
    .setAudience(change.audience ?? "users")
    .setIssuedAt()
    .setExpirationTime(change.expires ?? "1 minute")
    .sign(createSecretKey(Buffer.from(change.secret ?? SECRET)));

const unsecured = [
  { alg: "none", typ: "tributary-identity+jwt" },
  { aud: "users", iss: "gateway", exp: 9e9, viewer: admin },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".")
  .concat(".");

const refused: [string, () => Promise<string | undefined>][] = [
  ["without a signature", () => Promise.resolve(undefined)],
  ["with an empty header", () => Promise.resolve("")],
  ["with a header that is no token", () => Promise.resolve("let me in")],
  ["with an unsecured token", () => Promise.resolve(unsecured)],
  ["signed with another secret", () => craft({ secret: "another secret of more than 32 characters" })],
  ["signed for another subgraph", () => craft({ audience: "orders" })],
  ["signed an hour ago", () => craft({ expires: "-1 hour" })],
  ["with a token of another kind", () => craft({ typ: "JWT" })],
];

describe("GraphQL", () => {
  const ask = (query: string, header: string | undefined) =>
    askSubgraph({ port: users.port, name: "users", secret: SECRET, query, headers: { [IDENTITY_HEADER]: header } });

  it("answers what the gateway signed", async () => {
    expect(await ask("{ __typename }", await craft())).toEqual({ status: 200, data: { __typename: "Query" } });
  });

  it.each(refused)("answers 401 to a query %s", async (_, header) => {
    const answer = await ask("{ me { id } }", await header());
    expect(answer.status).toBe(401);
    expect(answer.data).toBeUndefined();
    expect(answer.errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });

  it.each(refused)("answers 401 to _entities and _service %s", async (_, header) => {
    const entities = '{ _entities(representations: [{ __typename: "User", id: "1" }]) { __typename } }';
    expect((await ask(entities, await header())).status).toBe(401);
    expect((await ask("{ _service { sdl } }", await header())).status).toBe(401);
  });

  it("refuses a field and a document that do not exist, and stays up", async () => {
    const codes = [];
    for (const query of ["{ me { passwordHash } }", "{ me {", ""]) {
      const answer = await ask(query, await craft());
      codes.push(answer.errors?.[0]?.extensions?.["code"]);
      expect(answer.status).toBe(400);
    }
    expect(codes).toEqual(["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", expect.any(String)]);
    expect((await ask("{ __typename }", await craft())).status).toBe(200);
  });
});

describe("the JWKS", () => {
  it("is open, may be kept for a minute and has no private part", async () => {
    const response = await fetch(`http://127.0.0.1:${users.port}/.well-known/jwks.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toContain("max-age=60");
    expect(await response.json()).toEqual({
      keys: [
        {
          kty: "OKP",
          crv: "Ed25519",
          alg: "EdDSA",
          use: "sig",
          kid: expect.any(String) as string,
          x: expect.any(String) as string,
        },
      ],
    });
  });
});

describe("the key of a partner", () => {
  const find = async (keyId: string, header?: string) => {
    const signed = await signIdentity(createIdentityKey(SECRET), serviceIdentity("gateway", []), "users");
    const response = await fetch(`http://127.0.0.1:${users.port}/internal/partner-keys/${keyId}`, {
      headers: { [IDENTITY_HEADER]: header ?? signed },
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("is found by its id, with a hash that only the key fits", async () => {
    const { status, body } = await find(DEMO_PARTNER.keyId);
    expect(status).toBe(200);
    expect(body).toEqual({
      keyId: DEMO_PARTNER.keyId,
      partnerId: DEMO_PARTNER.id,
      partnerSlug: "acme",
      name: "Acme Marketplace",
      mode: "live",
      hash: expect.any(String) as string,
      scopes: expect.any(Array) as string[],
      expiresAt: null,
      revokedAt: null,
      demo: true,
    });
    const key = composeApiKey("live", DEMO_PARTNER.keyId, DEMO_PARTNER.keySecret);
    expect(key.text).toBe(DEMO_PARTNER_KEY);
    expect(matchesApiKey(key, PEPPER, body["hash"] as string)).toBe(true);
    expect(hashApiKey(composeApiKey("live", key.id, "x".repeat(32)), PEPPER)).not.toBe(body["hash"]);
  });

  it("keeps the time of its last use", async () => {
    const lastUse = async () =>
      (await users.source.query<{ at: Date | null }[]>("select last_used_at as at from api_keys"))[0]?.at?.getTime() ??
      0;
    await users.source.query("update api_keys set last_used_at = now() - interval '1 hour'");
    const before = await lastUse();
    await find(DEMO_PARTNER.keyId);
    const after = await lastUse();
    expect(after - before).toBeGreaterThanOrEqual(3_599_000);
    await find(DEMO_PARTNER.keyId);
    expect(await lastUse()).toBe(after);
  });

  it("says when it expires and that it was revoked", async () => {
    const [revoked, expires] = ["2026-02-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"];
    await users.source.query(
      `insert into api_keys (id, partner_id, hash, mode, scopes, revoked_at, expires_at)
       values ('revokedKey01', $1, 'ff', 'test', '{}', $2, $3)`,
      [DEMO_PARTNER.id, revoked, expires],
    );
    expect((await find("revokedKey01")).body).toMatchObject({ mode: "test", revokedAt: revoked, expiresAt: expires });
  });

  it.each(["unknownKey01", "", "..%2f..%2fhealth", "%00", "'or'1'='1'--", "k".repeat(5_000)])(
    "is not found by another id (%#)",
    async (keyId) => {
      expect((await find(keyId)).status).toBe(404);
    },
  );

  it.each(refused)("is not told to a request %s", async (_, header) => {
    const { status, body } = await find(DEMO_PARTNER.keyId, (await header()) ?? "");
    expect(status).toBe(401);
    expect(JSON.stringify(body)).not.toContain("hash");
  });
});
