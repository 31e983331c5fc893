import { forbidden, unauthenticated } from "./errors";

/**
 * Who asks: what the gateway vouches for in the signed identity header (kit/identity.ts).
 * `subject` is a user id, a partner id, or the name of a service that asks for itself.
 */
export interface Identity {
  readonly kind: "user" | "partner" | "service";
  readonly subject: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** The login session (refresh token family) behind a user's token. */
  readonly sessionId?: string;
}

/** `undefined` is an anonymous caller. */
export type Viewer = Identity | undefined;

/** @throws ClientError UNAUTHENTICATED */
export function requireIdentity(viewer: Viewer): Identity {
  if (!viewer) throw unauthenticated();
  return viewer;
}

export const hasScope = (viewer: Viewer, scope: string): boolean => viewer?.scopes.includes(scope) ?? false;

/** Line one of a use case that a scope guards. @throws ClientError UNAUTHENTICATED or FORBIDDEN */
export function requireScope(viewer: Viewer, scope: string): Identity {
  const identity = requireIdentity(viewer);
  if (!hasScope(identity, scope)) throw forbidden(`This needs the scope "${scope}".`);
  return identity;
}
