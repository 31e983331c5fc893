import { type KeyLike, SignJWT } from "jose";
import { scopesOf } from "./role";
import type { User } from "./user";

export const ACCESS_TOKEN_LIFETIME_MS = 15 * 60_000;
const ISSUER = "tributary";
const AUDIENCE = "tributary";
export const SIGNING_ALGORITHM = "EdDSA";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyLike | Uint8Array;
}

export interface AccessToken {
  /** JWT with the claims sub, roles, scope (separated by blanks), sid, iat, exp, iss, aud. */
  readonly text: string;
  readonly expiresAt: Date;
}

/** Signs what the gateway verifies offline against the JWKS. */
export async function createAccessToken(
  key: SigningKey,
  { user, sessionId, now }: { user: User; sessionId: string; now: Date },
): Promise<AccessToken> {
  // JWT counts whole seconds; the time told to the client is the one in the token.
  const issuedAtS = Math.floor(now.getTime() / 1000);
  const expiresAtS = issuedAtS + ACCESS_TOKEN_LIFETIME_MS / 1000;
  const text = await new SignJWT({ roles: user.roles, scope: scopesOf(user.roles).join(" "), sid: sessionId })
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: key.kid, typ: "JWT" })
    .setSubject(user.id)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAtS)
    .setExpirationTime(expiresAtS)
    .sign(key.privateKey);
  return { text, expiresAt: new Date(expiresAtS * 1000) };
}
