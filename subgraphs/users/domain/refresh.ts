import type { Dependencies } from "./dependencies";
import { hashRefreshToken } from "./refresh-token";
import type { Trace } from "./ports";
import type { InvalidRefreshToken } from "./refusal";
import { issueRefreshToken, type SignedIn, signIn } from "./signed-in";

/**
 * Exchanges a refresh token for a new pair of tokens. Open to everyone: the token is the proof. The new access token carries the
 * roles that the user has now.
 *
 * Each token works once. A second use ends the session, also when both were sent at the same moment: which of the two is the thief
 * cannot be told, so neither keeps the session. A client with several tabs must let one of them refresh for all.
 */
export async function refresh(
  dependencies: Dependencies,
  input: { refreshToken: string },
  trace: Trace,
): Promise<SignedIn | InvalidRefreshToken> {
  const { sessions, demoAllowed } = dependencies;
  const now = dependencies.now();
  const successor = issueRefreshToken(now);
  const rotation = await sessions.rotate(
    hashRefreshToken(input.refreshToken),
    successor.stored,
    { now, trace },
    (user) => demoAllowed || !user.demo,
  );
  if (rotation.kind === "refused") return { kind: "invalid-refresh-token" };
  return signIn(dependencies, { ...rotation, refreshToken: successor.text, now });
}
