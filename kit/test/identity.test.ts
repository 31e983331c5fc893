import { SignJWT } from "jose";
import { createIdentityKey, signIdentity, UntrustedIdentityError, verifyIdentity } from "../identity";
import type { Identity } from "../viewer";

const key = createIdentityKey("a secret of at least thirty-two characters");
const staff: Identity = { kind: "user", subject: "u1", roles: ["STAFF"], scopes: ["orders:read"], sessionId: "s1" };

test("a signed identity arrives as it was sent, an anonymous caller as nobody", async () => {
  expect(await verifyIdentity(key, await signIdentity(key, staff, "orders"), "orders")).toEqual(staff);
  expect(await verifyIdentity(key, await signIdentity(key, undefined, "orders"), "orders")).toBeUndefined();
});

test.each([
  ["missing", () => Promise.resolve(undefined)],
  ["no token at all", () => Promise.resolve("let me in")],
  ["signed with another key", () => signIdentity(createIdentityKey("x".repeat(40)), staff, "orders")],
  ["meant for another subgraph", () => signIdentity(key, staff, "users")],
  [
    "expired",
    () =>
      new SignJWT({ viewer: staff })
        .setProtectedHeader({ alg: "HS256", typ: "tributary-identity+jwt" })
        .setIssuer("gateway")
        .setAudience("orders")
        .setExpirationTime(Math.floor(Date.now() / 1000) - 60)
        .sign(key),
  ],
  [
    "a token of another kind with the same key",
    () =>
      new SignJWT({ viewer: staff })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer("gateway")
        .setAudience("orders")
        .setExpirationTime("1m")
        .sign(key),
  ],
  [
    "an unsigned token",
    () =>
      Promise.resolve(
        `${Buffer.from('{"alg":"none","typ":"tributary-identity+jwt"}').toString("base64url")}.${Buffer.from('{"iss":"gateway","aud":"orders","exp":9999999999}').toString("base64url")}.`,
      ),
  ],
])("refuses an identity that is %s", async (_what, header) => {
  await expect(verifyIdentity(key, await header(), "orders")).rejects.toThrow(UntrustedIdentityError);
});
