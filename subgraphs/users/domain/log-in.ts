import { newId } from "../../../kit/ids";
import type { Dependencies } from "./dependencies";
import { isEmail, normaliseEmail } from "./email";
import type { InvalidCredentials, TooManyAttempts } from "./refusal";
import { issueRefreshToken, type SignedIn, signIn } from "./signed-in";

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/**
 * Opens a session. Open to everyone. A wrong password, an unknown address and a demo account in production give the same answer after the
 * same work.
 */
export async function logIn(
  dependencies: Dependencies,
  input: Credentials,
): Promise<SignedIn | InvalidCredentials | TooManyAttempts> {
  const { users, sessions, attempts, passwords, demoAllowed } = dependencies;
  const now = dependencies.now();
  const email = normaliseEmail(input.email);
  const attempt = await attempts.begin(email, now);
  if (!attempt.allowed) {
    return { kind: "too-many-attempts", retryAfterSeconds: Math.max(1, Math.ceil(attempt.retryAfterMs / 1000)) };
  }

  // What no account can have is not looked up: it may be of any size and hold what PostgreSQL refuses as text.
  const account = isEmail(email) ? await users.findAccount(email) : undefined;
  const matched = await passwords.matches(input.password, account?.passwordHash);
  if (!account || !matched || (account.user.demo && !demoAllowed)) return { kind: "invalid-credentials" };

  await attempts.succeed(email);
  const { user } = account;
  const sessionId = newId();
  const refreshToken = issueRefreshToken(now);
  await sessions.open({ id: sessionId, userId: user.id, createdAt: now, token: refreshToken.stored });
  return signIn(dependencies, { user, sessionId, refreshToken: refreshToken.text, now });
}
