import { errors, jwtVerify, type JWTPayload } from "jose";
import { z } from "zod";
import { ClientError, serviceUnavailable, unauthenticated } from "../../../kit/errors";
import { ANONYMOUS, type Authenticator, type Caller } from "./caller";
import { type JwksCache, KeysUnavailableError } from "./jwks-cache";

/** Asymmetric only: "none" and the HMAC family never verify anything. */
const ALGORITHMS = ["EdDSA", "RS256", "ES256"];
const CLOCK_TOLERANCE_S = 5;
/** Longer ones are no tokens of ours, and not worth the hashing. */
const MAX_TOKEN_LENGTH = 8_192;

const claims = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  roles: z.array(z.string()).default([]),
  // RFC 8693, section 4.2: names separated by blanks.
  scope: z.string().default(""),
  sid: z.string().optional(),
});

/** Every caller is anonymous: no key set is configured. Tokens are left to whoever the configuration forwards them to. */
export const anonymousAuthenticator: Authenticator = {
  authenticate: () => Promise.resolve(ANONYMOUS),
  close: () => Promise.resolve(),
};

/**
 * Verifies access tokens offline. No header is an anonymous caller; a header with anything but a valid token is an error, never an
 * anonymous caller, so that a client notices that its session ended.
 */
export function createAuthenticator(options: {
  keys: JwksCache;
  issuer: string;
  audience: string;
  now?: () => Date;
}): Authenticator {
  const { keys, issuer, audience, now = () => new Date() } = options;

  const verify = async (token: string): Promise<Caller> => {
    const { payload } = await jwtVerify(token, keys.keyFor, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: now(),
      requiredClaims: ["sub", "exp"],
    });
    return callerOf(payload);
  };

  return {
    authenticate: async (authorization) => {
      if (authorization === undefined || authorization.trim() === "") return ANONYMOUS;
      const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)\s*$/i.exec(authorization)?.[1];
      if (!token || token.length > MAX_TOKEN_LENGTH) {
        throw unauthenticated('The authorization must have the form "Bearer <access token>".');
      }
      try {
        return await verify(token);
      } catch (error) {
        throw refusalOf(error);
      }
    },
    close: () => keys.close(),
  };
}

function callerOf(payload: JWTPayload): Caller {
  const { sub, exp, roles, scope, sid } = claims.parse(payload);
  const scopes = scope.split(" ").filter((name) => name !== "");
  return {
    viewer: { kind: "user", subject: sub, roles, scopes, ...(sid === undefined ? {} : { sessionId: sid }) },
    expiresAtMs: exp * 1000,
  };
}

/** Expired is told apart, because a client answers it with a refresh; what else is wrong with a token is nobody's business. */
function refusalOf(error: unknown): ClientError {
  if (error instanceof KeysUnavailableError) {
    return serviceUnavailable("Tokens cannot be checked at the moment; try again.", error);
  }
  if (error instanceof errors.JWTExpired) return unauthenticated("The access token has expired.");
  return unauthenticated("The access token is not valid.");
}
