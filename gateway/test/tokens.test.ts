import { generateKeyPair, SignJWT } from "jose";
import { createAuthenticator } from "../access/tokens/create-authenticator";
import { createJwksCache } from "../access/tokens/jwks-cache";
import { recordingLog } from "./harness/recording-log";
import { startTokenIssuer, type TokenIssuer } from "./harness/token-issuer";

const nowS = () => Math.floor(Date.now() / 1000);

describe("access tokens", () => {
  let issuer: TokenIssuer;
  let close: () => Promise<void>;
  let nowMs = 0;
  let authenticate: (
    authorization: string | undefined,
  ) => ReturnType<ReturnType<typeof createAuthenticator>["authenticate"]>;

  const open = async (algorithm?: Parameters<typeof startTokenIssuer>[0]) => {
    issuer = await startTokenIssuer(algorithm);
    nowMs = 0;
    const { log } = recordingLog();
    const keys = createJwksCache({ url: issuer.jwksUrl, log, cooldownMs: 1_000, now: () => nowMs });
    const authenticator = createAuthenticator({ keys, issuer: "tributary", audience: "tributary" });
    authenticate = authenticator.authenticate;
    close = async () => {
      await authenticator.close();
      await issuer.close();
    };
  };
  beforeEach(() => open());
  afterEach(() => close());

  const bearer = async (claims?: Record<string, unknown>, header?: { alg?: string; kid?: string }) =>
    `Bearer ${await issuer.sign(claims, header)}`;
  const expectRefused = (authorization: string, message = "The access token is not valid.") =>
    expect(authenticate(authorization)).rejects.toMatchObject({ code: "UNAUTHENTICATED", message });

  it("no header is an anonymous caller", async () => {
    expect(await authenticate(undefined)).toEqual({ viewer: undefined });
    expect(await authenticate("")).toEqual({ viewer: undefined });
  });

  it("a valid token says who asks, with what scopes, and until when", async () => {
    const exp = nowS() + 30;
    const token = await bearer({ sub: "u1", roles: ["STAFF"], scope: "orders:read  products:write", sid: "s1", exp });
    expect(await authenticate(token)).toEqual({
      viewer: {
        kind: "user",
        subject: "u1",
        roles: ["STAFF"],
        scopes: ["orders:read", "products:write"],
        sessionId: "s1",
      },
      expiresAtMs: exp * 1000,
    });
  });

  it.each(["RS256", "ES256"] as const)("keys for %s are accepted", async (algorithm) => {
    await close();
    await open(algorithm);
    expect((await authenticate(await bearer())).viewer?.subject).toBe("user-1");
  });

  it.each([
    ["no scheme", "abc.def.ghi"],
    ["another scheme", "Basic dXNlcjpwYXNz"],
    ["no token", "Bearer "],
    ["not three parts", "Bearer abc.def"],
    ["a partner's key", "Bearer trib_live_demoAcme0001"],
    ["a token of a megabyte", `Bearer a.${"b".repeat(1_000_000)}.c`],
  ])("malformed: %s", (_what, authorization) =>
    expectRefused(authorization, 'The authorization must have the form "Bearer <access token>".'),
  );

  it("an expired token is told apart from an invalid one, after five seconds of grace", async () => {
    expect((await authenticate(await bearer({ exp: nowS() - 2 }))).viewer).toBeDefined();
    await expectRefused(await bearer({ exp: nowS() - 10 }), "The access token has expired.");
  });

  it.each([
    ["another issuer", { iss: "someone" }],
    ["another audience", { aud: "someone" }],
    ["no subject", { sub: undefined }],
    ["no expiry", { exp: undefined }],
    ["a start in the future", { nbf: nowS() + 600 }],
    ["roles that are no list", { roles: "ADMIN" }],
  ])("refuses %s", async (_what, claims) => expectRefused(await bearer(claims)));

  it("refuses a token without a signature, or signed with public knowledge", async () => {
    const claims = Buffer.from(JSON.stringify({ sub: "u1", iss: "tributary", aud: "tributary", exp: nowS() + 60 }));
    const header = (alg: string) => Buffer.from(JSON.stringify({ alg, kid: "key-1" })).toString("base64url");
    await expectRefused(`Bearer ${header("none")}.${claims.toString("base64url")}.x`);
    const hmac = await new SignJWT({ sub: "u1" })
      .setProtectedHeader({ alg: "HS256", kid: "key-1" })
      .setIssuer("tributary")
      .setAudience("tributary")
      .setExpirationTime("1m")
      .sign(Buffer.from("key-1".padEnd(32, "0")));
    await expectRefused(`Bearer ${hmac}`);
  });

  it("refuses a forged signature under a known key id, and a changed claim", async () => {
    const { privateKey } = await generateKeyPair("EdDSA");
    const forged = await new SignJWT({ sub: "admin" })
      .setProtectedHeader({ alg: "EdDSA", kid: "key-1" })
      .setIssuer("tributary")
      .setAudience("tributary")
      .setExpirationTime("1m")
      .sign(privateKey);
    await expectRefused(`Bearer ${forged}`);
    const [header, , signature] = (await issuer.sign()).split(".");
    const changed = Buffer.from(JSON.stringify({ sub: "admin", iss: "tributary", aud: "tributary", exp: nowS() + 60 }));
    await expectRefused(`Bearer ${header}.${changed.toString("base64url")}.${signature}`);
  });

  it("a rotated key is found out about by its first token", async () => {
    await authenticate(await bearer());
    await issuer.rotate();
    nowMs += 1_000;
    expect((await authenticate(await bearer())).viewer?.subject).toBe("user-1");
  });

  it("made-up key ids become one request per cool-down, not one each", async () => {
    await authenticate(await bearer());
    nowMs += 1_000;
    const before = issuer.fetches();
    for (let i = 0; i < 20; i++) await expectRefused(await bearer({}, { kid: `made-up-${i}` }));
    expect(issuer.fetches() - before).toBe(1);
  });

  it("known keys go on working while the key set is away", async () => {
    await authenticate(await bearer());
    issuer.goAway();
    nowMs += 60_000;
    await expectRefused(await bearer({}, { kid: "unknown" }));
    expect((await authenticate(await bearer())).viewer?.subject).toBe("user-1");
  });

  it("keys that were never fetched are a fault of the service, not of the token, until they are there", async () => {
    await close();
    issuer = await startTokenIssuer();
    issuer.goAway();
    const { log, lines } = recordingLog();
    const keys = createJwksCache({ url: issuer.jwksUrl, log, cooldownMs: 1_000, now: () => nowMs });
    const authenticator = createAuthenticator({ keys, issuer: "tributary", audience: "tributary" });
    close = async () => {
      await authenticator.close();
      await issuer.close();
    };
    const token = await bearer();
    await expect(authenticator.authenticate(token)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect(lines.map(({ msg }) => msg)).toContain("signing keys could not be fetched");
    issuer.comeBack();
    nowMs += 1_000;
    expect((await authenticator.authenticate(token)).viewer?.subject).toBe("user-1");
  });
});
