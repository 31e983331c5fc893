import { createSecretKey } from "node:crypto";
import { SignJWT } from "jose";
import { IDENTITY_HEADER } from "../../../kit/identity";
import { newId } from "../../../kit/ids";
import { askSubgraph } from "../../../kit/test/subgraph-client";
import { SECRET, startUsers, type TestUsers, viewerOf } from "./start-users";

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
