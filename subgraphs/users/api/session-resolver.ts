import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { SignedIn } from "../domain/signed-in";
import { LogInInput, LogOutInput, RefreshInput, RegisterInput } from "./session-inputs";
import {
  AuthPayload,
  EmailTakenError,
  InvalidCredentialsError,
  InvalidInputError,
  InvalidRefreshTokenError,
  LogInResult,
  LogOutPayload,
  RefreshResult,
  RegisterResult,
  TooManyAttemptsError,
} from "./session-results";
import type { UsersContext } from "./users-context";

const toPayload = ({ user, accessToken, refreshToken }: SignedIn): AuthPayload =>
  Object.assign(new AuthPayload(), {
    user,
    accessToken: accessToken.text,
    expiresAt: accessToken.expiresAt,
    refreshToken,
  });

@Resolver()
export class SessionResolver {
  @Mutation(() => RegisterResult, { description: "Opens an account and signs in. The account is a customer's." })
  async register(
    @Arg("input", () => RegisterInput, { description: "The new account." }) input: RegisterInput,
    @Ctx() { loaders, requestId, traceparent }: UsersContext,
  ): Promise<typeof RegisterResult> {
    const result = await loaders.useCases.register(input, { requestId, traceparent });
    switch (result.kind) {
      case "signed-in":
        return toPayload(result);
      case "email-taken":
        return new EmailTakenError("EMAIL_TAKEN", "There is an account with this address.", ["input", "email"]);
      case "invalid-input":
        return new InvalidInputError("INVALID_INPUT", result.message, ["input", result.field]);
    }
  }

  @Mutation(() => LogInResult, { description: "Opens a session for an account." })
  async logIn(
    @Arg("input", () => LogInInput, { description: "Address and password." }) input: LogInInput,
    @Ctx() { loaders }: UsersContext,
  ): Promise<typeof LogInResult> {
    const result = await loaders.useCases.logIn(input);
    switch (result.kind) {
      case "signed-in":
        return toPayload(result);
      case "invalid-credentials":
        return new InvalidCredentialsError("INVALID_CREDENTIALS", "The address or the password is not right.");
      case "too-many-attempts":
        return new TooManyAttemptsError(
          "TOO_MANY_ATTEMPTS",
          `Too many attempts failed; try again in ${result.retryAfterSeconds} s.`,
          result.retryAfterSeconds,
        );
    }
  }

  @Mutation(() => RefreshResult, {
    description:
      "Continues a session: a new access token, and a new refresh token in place of the one given. Using a refresh token twice ends its session, since one of the two users may be a thief.",
  })
  async refresh(
    @Arg("input", () => RefreshInput, { description: "The session's refresh token." }) input: RefreshInput,
    @Ctx() { loaders, requestId, traceparent }: UsersContext,
  ): Promise<typeof RefreshResult> {
    const result = await loaders.useCases.refresh(input, { requestId, traceparent });
    switch (result.kind) {
      case "signed-in":
        return toPayload(result);
      case "invalid-refresh-token":
        return new InvalidRefreshTokenError(
          "INVALID_REFRESH_TOKEN",
          "This refresh token does not work; log in again.",
          ["input", "refreshToken"],
        );
    }
  }

  @Mutation(() => LogOutPayload, { description: "Ends sessions: their refresh tokens stop working at once." })
  async logOut(
    @Arg("input", () => LogOutInput, { nullable: true, description: "Which; by default the one in use." })
    input: LogOutInput | null | undefined,
    @Ctx() { viewer, loaders, requestId, traceparent }: UsersContext,
  ): Promise<LogOutPayload> {
    return { endedSessions: await loaders.useCases.logOut(viewer, input ?? {}, { requestId, traceparent }) };
  }
}
