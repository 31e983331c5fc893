import { requireIdentity, type Viewer } from "../../../kit/viewer";
import type { Dependencies } from "./dependencies";
import type { Trace } from "./ports";
import { hashRefreshToken } from "./refresh-token";

/**
 * Ends sessions: the one of the refresh token given (the token is the proof), otherwise the viewer's own, or all of the viewer's.
 * @returns how many were open and are ended
 * @throws ClientError UNAUTHENTICATED when there is neither a token nor a user
 */
export async function logOut(
  { sessions, now: clock }: Dependencies,
  viewer: Viewer,
  input: { refreshToken?: string | null; everywhere?: boolean | null },
  trace: Trace,
): Promise<number> {
  const change = { now: clock(), trace };
  if (input.refreshToken != null && !input.everywhere) {
    return sessions.endByToken(hashRefreshToken(input.refreshToken), change);
  }
  const identity = requireIdentity(viewer);
  // Partners and services have no sessions to end.
  if (identity.kind !== "user") return 0;
  if (input.everywhere) return sessions.endAllOf(identity.subject, change);
  return identity.sessionId === undefined ? 0 : sessions.endById(identity.sessionId, identity.subject, change);
}
