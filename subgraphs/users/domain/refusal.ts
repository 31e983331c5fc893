/** What a use case answers instead of doing what was asked: expected, typed, safe to show. It is returned, never thrown. */
export type EmailTaken = { readonly kind: "email-taken" };
export type InvalidInput = {
  readonly kind: "invalid-input";
  /** Field of the input. */
  readonly field: string;
  /** One sentence that says the rule. */
  readonly message: string;
};
export type InvalidCredentials = { readonly kind: "invalid-credentials" };
export type InvalidRefreshToken = { readonly kind: "invalid-refresh-token" };
export type TooManyAttempts = { readonly kind: "too-many-attempts"; readonly retryAfterSeconds: number };
