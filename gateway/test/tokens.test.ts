import { generateKeyPair, SignJWT } from "jose";
import { createAuthenticator } from "../access/tokens/create-authenticator";
import { createJwksCache, type JwksCache } from "../access/tokens/jwks-cache";
import { recordingLog } from "./harness/recording-log";
import { startTokenIssuer, type TokenIssuer } from "./harness/token-issuer";

const nowS = () => Math.floor(Date.now() / 1000);

describe("access tokens", () => {
  let issuer: TokenIssuer;
  let close: () => Promise<void>;
  let nowMs = 0;
  /** How often a signature was about to be verified. */
  let verifications = 0;
  let clock: () => Date;
  let authenticate: (
    authorization: string | undefined,
  ) => ReturnType<ReturnType<typeof createAuthenticator>["authenticate"]>;

  const open = async (algorithm?: Parameters<typeof startTokenIssuer>[0]) => {
    issuer = await startTokenIssuer(algorithm);
    nowMs = 0;
    const { log } = recordingLog();
    verifications = 0;
    clock = () => new Date();
    const keys = createJwksCache({ url: issuer.jwksUrl, log, cooldownMs: 1_000, now: () => nowMs });
    const counted: JwksCache = {
      ...keys,
      get version() {
        return keys.version;
      },
      keyFor: (header, token) => {
        verifications++;
        return keys.keyFor(header, token);
      },
    };
    const authenticator = createAuthenticator({
      keys: counted,
      issuer: "tributary",
      audience: "tributary",
      now: () => clock(),
      maxVerified: 3,
    });
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

  describe("that were verified before", () => {
    it("are not verified again, and their bearers are the same object to all requests", async () => {
      const token = await bearer();
      const first = await authenticate(token);
      verifications = 0;
      expect(await authenticate(token)).toBe(first);
      expect(Object.isFrozen(first.viewer?.scopes)).toBe(true);
      expect(verifications).toBe(0);
    });

    it("end when they end, after the same five seconds of grace", async () => {
      const exp = nowS() + 60;
      const token = await bearer({ exp });
      await authenticate(token);
      verifications = 0;
      clock = () => new Date((exp + 5) * 1_000 - 1);
      expect((await authenticate(token)).viewer).toBeDefined();
      clock = () => new Date((exp + 5) * 1_000);
      await expectRefused(token, "The access token has expired.");
      expect(verifications).toBe(0);
    });

    it("end when their key is withdrawn, with the first token that makes the keys be fetched again", async () => {
      const token = await bearer();
      await authenticate(token);
      issuer.withdraw();
      await issuer.rotate();
      nowMs += 1_000;
      expect((await authenticate(token)).viewer?.subject).toBe("user-1");
      await authenticate(await bearer());
      await expectRefused(token);
    });

    it("are verified once more when other keys changed, and go on", async () => {
      const token = await bearer();
      await authenticate(token);
      await issuer.rotate();
      nowMs += 1_000;
      await authenticate(await bearer());
      verifications = 0;
      await authenticate(token);
      await authenticate(token);
      expect(verifications).toBe(1);
    });

    it("are not forgotten because somebody makes up key ids", async () => {
      const token = await bearer();
      await authenticate(token);
      const before = issuer.fetches();
      nowMs += 1_000;
      await expectRefused(await bearer({}, { kid: "made-up" }));
      expect(issuer.fetches() - before).toBe(1);
      verifications = 0;
      await authenticate(token);
      expect(verifications).toBe(0);
    });

    it("are forgotten when too many others were here since", async () => {
      const token = await bearer();
      await authenticate(token);
      for (let i = 0; i < 3; i++) await authenticate(await bearer({ sub: `other-${i}` }));
      verifications = 0;
      await authenticate(token);
      expect(verifications).toBe(1);
    });

    it("do not vouch for the same claims under another signature", async () => {
      const token = await bearer();
      await authenticate(token);
      const [header, claims, signature = ""] = token.split(".");
      const other = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
      await expectRefused(`${header}.${claims}.${other}`);
    });

    it("are expired when their time is over, whatever the signature under the same claims", async () => {
      const exp = nowS() + 60;
      const token = await bearer({ exp });
      await authenticate(token);
      verifications = 0;
      clock = () => new Date((exp + 5) * 1_000);
      await expectRefused(`${token.slice(0, token.lastIndexOf("."))}.AAAA`, "The access token has expired.");
      expect(verifications).toBe(0);
    });

    it("stay good while others invent signatures for their claims, and these soon cost no verification", async () => {
      const token = await bearer();
      await authenticate(token);
      const start = token.lastIndexOf(".") + 1;
      const invented = (i: number) => `${token.slice(0, start)}${String(i).padStart(token.length - start, "A")}`;
      verifications = 0;
      for (let i = 0; i < 50; i++) await expectRefused(invented(i));
      expect(verifications).toBeLessThan(10);
      expect((await authenticate(token)).viewer?.subject).toBe("user-1");
    });
  });

  it("a wrong signature is verified once, and once more when the keys have changed", async () => {
    await authenticate(await bearer());
    const [header, claims] = (await issuer.sign()).split(".");
    const forged = `Bearer ${header}.${claims}.${"A".repeat(86)}`;
    verifications = 0;
    for (let i = 0; i < 3; i++) await expectRefused(forged);
    expect(verifications).toBe(1);
    await issuer.rotate();
    nowMs += 1_000;
    await authenticate(await bearer());
    verifications = 0;
    for (let i = 0; i < 3; i++) await expectRefused(forged);
    expect(verifications).toBe(1);
  });

  it("what was refused is looked at again the next time", async () => {
    const early = await bearer({ nbf: nowS() + 600, exp: nowS() + 6_000 });
    await expectRefused(early);
    verifications = 0;
    await expectRefused(early);
    expect(verifications).toBe(1);
    clock = () => new Date(Date.now() + 600_000);
    expect((await authenticate(early)).viewer).toBeDefined();
  });

  it.each([
    ["another issuer", { iss: "someone" }, {}],
    ["another audience", { aud: "someone" }, {}],
    ["no audience", { aud: undefined }, {}],
    ["a list of other audiences", { aud: ["someone", "anyone"] }, {}],
    ["no expiry", { exp: undefined }, {}],
    ["an expiry that is no number", { exp: "9999999999" }, {}],
    ["no subject", { sub: undefined }, {}],
  ])("with %s are refused without looking for a key", async (_what, claims, header) => {
    await expectRefused(await bearer(claims, header));
    expect(verifications).toBe(0);
  });

  it("that have expired are refused without looking for a key", async () => {
    await expectRefused(await bearer({ exp: nowS() - 10 }, { kid: "unknown" }), "The access token has expired.");
    expect(verifications).toBe(0);
  });

  it.each(["!", "[]", "null", "1", '"alg"', "{"])(
    "whose parts are %s are refused without looking for a key",
    async (text) => {
      const part = Buffer.from(text).toString("base64url");
      const [header, claims, signature] = (await issuer.sign()).split(".");
      await expectRefused(`Bearer ${part}.${claims}.${signature}`);
      await expectRefused(`Bearer ${header}.${part}.${signature}`);
      expect(verifications).toBe(0);
    },
  );

  it("may name several audiences", async () => {
    expect((await authenticate(await bearer({ aud: ["someone", "tributary"] }))).viewer?.subject).toBe("user-1");
  });
});
