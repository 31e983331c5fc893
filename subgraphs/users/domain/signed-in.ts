import { type AccessToken, createAccessToken } from "./access-token";
import type { Dependencies } from "./dependencies";
import type { NewRefreshToken } from "./ports";
import { createRefreshToken, hashRefreshToken, REFRESH_TOKEN_LIFETIME_MS } from "./refresh-token";
import type { User } from "./user";

/** What someone holds after they have registered, logged in or refreshed. */
export interface SignedIn {
  readonly kind: "signed-in";
  readonly user: User;
  readonly accessToken: AccessToken;
  readonly refreshToken: string;
}

/** A refresh token for the client, and what is stored of it. */
export function issueRefreshToken(now: Date): { text: string; stored: NewRefreshToken } {
  const text = createRefreshToken();
  const expiresAt = new Date(now.getTime() + REFRESH_TOKEN_LIFETIME_MS);
  return { text, stored: { hash: hashRefreshToken(text), expiresAt } };
}

export async function signIn(
  { signingKey }: Dependencies,
  session: { user: User; sessionId: string; refreshToken: string; now: Date },
): Promise<SignedIn> {
  const { user, refreshToken } = session;
  return { kind: "signed-in", user, refreshToken, accessToken: await createAccessToken(signingKey, session) };
}
