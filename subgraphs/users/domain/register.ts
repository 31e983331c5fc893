import { newId } from "../../../kit/ids";
import { checkRegistration, type Registration } from "./check-registration";
import type { Dependencies } from "./dependencies";
import type { Trace } from "./ports";
import type { EmailTaken, InvalidInput } from "./refusal";
import { issueRefreshToken, type SignedIn, signIn } from "./signed-in";
import type { User } from "./user";

/** Opens an account for a customer and signs them in. Open to everyone. */
export async function register(
  dependencies: Dependencies,
  input: Registration,
  trace: Trace,
): Promise<SignedIn | EmailTaken | InvalidInput> {
  const checked = checkRegistration(input);
  if ("kind" in checked) return checked;

  const { users, passwords } = dependencies;
  const now = dependencies.now();
  const { email, name } = checked;
  const user: User = { id: newId(), email, name, roles: ["CUSTOMER"], createdAt: now, demo: false };
  const sessionId = newId();
  const refreshToken = issueRefreshToken(now);
  const registered = await users.register(
    { user, passwordHash: await passwords.hash(checked.password) },
    { id: sessionId, userId: user.id, createdAt: now, token: refreshToken.stored },
    trace,
  );
  if (!registered) return { kind: "email-taken" };
  return signIn(dependencies, { user, sessionId, refreshToken: refreshToken.text, now });
}
