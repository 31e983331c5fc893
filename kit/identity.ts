import { createSecretKey, type KeyObject } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Identity, Viewer } from "./viewer";

/**
 * The internal header in which the gateway tells a subgraph who asks: a JWS (HS256) that names the subgraph as its audience and lives
 * for a minute. A request without one did not come through the gateway and is answered 401, so `_entities` is no open back door.
 */
export const IDENTITY_HEADER = "x-tributary-identity";

/** Every header with this prefix is ours; copies sent by clients are dropped at the gateway's door. */
export const INTERNAL_HEADER_PREFIX = "x-tributary-";

/**
 * Goes with a mutation that the gateway may have to send again: 43 characters, the same for every try of one call. One request may hold several
 * root fields; a subgraph tells them apart by their response keys.
 */
export const IDEMPOTENCY_HEADER = "x-tributary-idempotency-key";

const TYPE = "tributary-identity+jwt";
const LIFETIME_S = 60;
const CLOCK_TOLERANCE_S = 5;

const claims = z.object({
  viewer: z
    .object({
      kind: z.enum(["user", "partner", "service"]),
      subject: z.string(),
      roles: z.array(z.string()),
      scopes: z.array(z.string()),
      sessionId: z.string().optional(),
    })
    .optional(),
});

/** Thrown by `verifyIdentity`; says what is wrong with the header, never its content. */
export class UntrustedIdentityError extends Error {
  override readonly name = "UntrustedIdentityError";
}

/** The key behind the header. @param secret at least 32 characters, the same at the gateway and at every subgraph */
export const createIdentityKey = (secret: string): KeyObject => createSecretKey(Buffer.from(secret, "utf8"));

/**
 * @param audience the name of the service that is asked, such as "orders"
 * @param issuer who vouches: "gateway", or the name of a service that asks for itself
 * @returns the value of `IDENTITY_HEADER`
 */
export function signIdentity(key: KeyObject, viewer: Viewer, audience: string, issuer = "gateway"): Promise<string> {
  return new SignJWT(viewer ? { viewer } : {})
    .setProtectedHeader({ alg: "HS256", typ: TYPE })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${LIFETIME_S}s`)
    .sign(key);
}

/**
 * @returns who asks; `undefined` when the gateway vouches for an anonymous caller
 * @throws UntrustedIdentityError when the header is missing, forged, expired or meant for another service
 */
export async function verifyIdentity(key: KeyObject, header: string | undefined, audience: string): Promise<Viewer> {
  if (header === undefined) throw new UntrustedIdentityError("the identity header is missing");
  try {
    const { payload } = await jwtVerify(header, key, {
      algorithms: ["HS256"],
      typ: TYPE,
      audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ["exp", "iss"],
    });
    return claims.parse(payload).viewer;
  } catch (cause) {
    throw new UntrustedIdentityError("the identity header is not valid", { cause });
  }
}

/** The identity under which a service asks another one on its own account. */
export const serviceIdentity = (name: string, scopes: readonly string[]): Identity => ({
  kind: "service",
  subject: name,
  roles: [],
  scopes,
});
