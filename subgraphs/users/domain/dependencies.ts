import type { SigningKey } from "./access-token";
import type { PasswordHasher } from "./password-hasher";
import type { LoginAttempts, SessionStore, UserStore } from "./ports";

/** What the use cases work with. */
export interface Dependencies {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly attempts: LoginAttempts;
  readonly passwords: PasswordHasher;
  readonly signingKey: SigningKey;
  /** False where NODE_ENV is "production": then the published demo accounts cannot sign in. */
  readonly demoAllowed: boolean;
  readonly now: () => Date;
}
