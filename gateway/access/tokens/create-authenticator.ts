import { hash } from "node:crypto";
import { errors, jwtVerify, type JWTPayload } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { ClientError, serviceUnavailable, unauthenticated } from "../../../kit/errors";
import type { Viewer } from "../../../kit/viewer";
import { ANONYMOUS, type Authenticator, type Caller } from "./caller";
import { type JwksCache, KeysUnavailableError } from "./jwks-cache";
import { type ClaimRules, isExpired, refuteToken } from "./refute-token";

/** Asymmetric only: "none" and the HMAC family never verify anything. */
const ALGORITHMS = ["EdDSA", "RS256", "ES256"];
const CLOCK_TOLERANCE_S = 5;
/** Longer ones are no tokens of ours, and not worth the hashing. */
const MAX_TOKEN_LENGTH = 8_192;
/** With the scheme and some blanks; a longer header is refused before anything is computed of it. */
const MAX_HEADER_LENGTH = MAX_TOKEN_LENGTH + 64;
const MAX_VERIFIED = 10_000;
/**
 * Other signatures under the claims of a token that was verified. An issuer may sign the same claims twice, and not every algorithm gives the
 * same signature twice; nobody does it over and over.
 */
const MAX_WRONG_SIGNATURES = 8;

/** A caller whose token was verified, and by which keys. */
interface Verified {
  readonly caller: Caller;
  readonly expiresAtS: number;
  readonly keysVersion: number;
}

/** The signed part of a token that was verified. */
interface SignedPart {
  readonly expiresAtS: number;
  readonly keysVersion: number;
  wrongSignatures: number;
}

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
  ready: Promise.resolve(),
  close: () => Promise.resolve(),
};

/**
 * Verifies access tokens offline. No header is an anonymous caller; a header with anything but a valid token is an error, never an
 * anonymous caller, so that a client notices that its session ended.
 *
 * A signature is verified once: callers are remembered by the SHA-256 of their header until the token ends, the keys change or others
 * were here more lately. So that refusing a token costs little, what it says of itself is looked at before its signature, a token whose
 * signature was wrong is remembered like a good one, and whoever keeps inventing signatures for claims that were verified is not listened
 * to any more.
 *
 * @param options.maxVerified tokens to remember
 */
export function createAuthenticator(options: {
  keys: JwksCache;
  issuer: string;
  audience: string;
  now?: () => Date;
  maxVerified?: number;
}): Authenticator {
  const { keys, issuer, audience, now = () => new Date(), maxVerified = MAX_VERIFIED } = options;
  const rules: ClaimRules = { algorithms: ALGORITHMS, issuer, audience, toleranceS: CLOCK_TOLERANCE_S };
  const verified = new LRUCache<string, Verified>({ max: maxVerified });
  /** By the same digest: the version of the keys with which the signature was wrong. */
  const forged = new LRUCache<string, number>({ max: maxVerified });
  /** By the SHA-256 of what the signature is about. */
  const signedParts = new LRUCache<string, SignedPart>({ max: maxVerified });

  const verify = async (token: string): Promise<Verified> => {
    let keysVersion = keys.version;
    const keyFor: JwksCache["keyFor"] = async (header, input) => {
      for (;;) {
        keysVersion = keys.version;
        const key = await keys.keyFor(header, input);
        // Otherwise it may be a key of the set before.
        if (keysVersion === keys.version) return key;
      }
    };
    const { payload } = await jwtVerify(token, keyFor, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: now(),
      requiredClaims: ["sub", "exp"],
    });
    return { ...callerOf(payload), keysVersion };
  };

  return {
    authenticate: async (authorization) => {
      if (authorization === undefined || authorization.trim() === "") return ANONYMOUS;
      if (authorization.length > MAX_HEADER_LENGTH) throw MALFORMED;
      const digest = sha256(authorization);
      const known = verified.get(digest);
      if (known && known.keysVersion === keys.version) {
        if (!isExpired(known.expiresAtS, now(), CLOCK_TOLERANCE_S)) return known.caller;
        verified.delete(digest);
        throw EXPIRED;
      }
      if (forged.get(digest) === keys.version) throw INVALID;
      const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)\s*$/i.exec(authorization)?.[1];
      if (!token || token.length > MAX_TOKEN_LENGTH) throw MALFORMED;
      const part = sha256(token.slice(0, token.lastIndexOf(".")));
      const before = signedParts.get(part);
      const signed = before?.keysVersion === keys.version ? before : undefined;
      // Claims that were verified hold nothing against the token but that its time is over.
      if (signed) {
        if (isExpired(signed.expiresAtS, now(), CLOCK_TOLERANCE_S)) throw EXPIRED;
        if (signed.wrongSignatures >= MAX_WRONG_SIGNATURES) throw INVALID;
      } else {
        const flaw = refuteToken(token, rules, now());
        if (flaw) throw flaw === "expired" ? EXPIRED : INVALID;
      }
      try {
        const result = await verify(token);
        verified.set(digest, result);
        if (!signed) {
          const { expiresAtS, keysVersion } = result;
          signedParts.set(part, { expiresAtS, keysVersion, wrongSignatures: 0 });
        }
        return result.caller;
      } catch (error) {
        // Not for a key that is unknown: it may be known in a moment.
        if (error instanceof errors.JWSSignatureVerificationFailed) {
          forged.set(digest, keys.version);
          if (signed) signed.wrongSignatures++;
        }
        throw refusalOf(error);
      }
    },
    ready: keys.known,
    close: () => keys.close(),
  };
}

/** Frozen, since requests of the same bearer share it. */
function callerOf(payload: JWTPayload): { caller: Caller; expiresAtS: number } {
  const { sub, exp, roles, scope, sid } = claims.parse(payload);
  const viewer: Viewer = Object.freeze({
    kind: "user",
    subject: sub,
    roles: Object.freeze(roles),
    scopes: Object.freeze(scope.split(" ").filter((name) => name !== "")),
    ...(sid === undefined ? {} : { sessionId: sid }),
  });
  return { caller: Object.freeze({ viewer, expiresAtMs: exp * 1000 }), expiresAtS: exp };
}

const sha256 = (text: string): string => hash("sha256", text, "base64");

// Made once: the stack of an error costs as much as the rest of a refusal.
const MALFORMED = unauthenticated('The authorization must have the form "Bearer <access token>".');
/** Told apart, because a client answers it with a refresh; what else is wrong with a token is nobody's business. */
const EXPIRED = unauthenticated("The access token has expired.");
const INVALID = unauthenticated("The access token is not valid.");

function refusalOf(error: unknown): ClientError {
  if (error instanceof KeysUnavailableError) {
    return serviceUnavailable("Tokens cannot be checked at the moment; try again.", error);
  }
  return error instanceof errors.JWTExpired ? EXPIRED : INVALID;
}
