import { createUnionType, Directive, Field, Int, ObjectType } from "type-graphql";
import { DateTime } from "../../../kit/subgraph/date-time";
import { ErrorInterface } from "../../../kit/subgraph/error-interface";
import type { User } from "../domain/user";
import { UserType } from "./user-type";

@ObjectType({ description: "A session: who is signed in, and the tokens to show for it." })
export class AuthPayload {
  @Field(() => String, { description: "JWT to send as `Authorization: Bearer …`; lives 15 minutes." })
  readonly accessToken!: string;

  @Field(() => String, {
    description: "Exchange it with `refresh` for new tokens within 30 days; works once. Keep it secret.",
  })
  readonly refreshToken!: string;

  @Field(() => DateTime, { description: "When the access token stops working." })
  readonly expiresAt!: Date;

  @Field(() => UserType, {
    description: "Who is signed in. This request was not: ask `me` with the new token for the address and the roles.",
  })
  readonly user!: User;
}

@ObjectType({
  implements: ErrorInterface,
  description: "The address has an account already: log in, or use another one.",
})
export class EmailTakenError extends ErrorInterface {}

// Other subgraphs may declare the same type: their inputs break rules too.
@Directive("@shareable")
@ObjectType({
  implements: ErrorInterface,
  description: "A value of the input breaks the rule that `message` says; `path` leads to it.",
})
export class InvalidInputError extends ErrorInterface {}

@ObjectType({
  implements: ErrorInterface,
  description: "No account has this address and password; which of the two is wrong is not told.",
})
export class InvalidCredentialsError extends ErrorInterface {}

@ObjectType({
  implements: ErrorInterface,
  description: "The token is unknown, used, expired or its session was ended: log in again.",
})
export class InvalidRefreshTokenError extends ErrorInterface {}

@ObjectType({
  implements: ErrorInterface,
  description: "Logging in failed too often for this address: wait, then try again.",
})
export class TooManyAttemptsError extends ErrorInterface {
  @Field(() => Int, { description: "Whole seconds until an attempt is heard again." })
  readonly retryAfterSeconds: number;

  constructor(code: string, message: string, retryAfterSeconds: number) {
    super(code, message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const RegisterResult = createUnionType({
  name: "RegisterResult",
  description: "A session of the new account, or why there is none.",
  types: () => [AuthPayload, EmailTakenError, InvalidInputError] as const,
});

export const LogInResult = createUnionType({
  name: "LogInResult",
  description: "A new session, or why there is none.",
  types: () => [AuthPayload, InvalidCredentialsError, TooManyAttemptsError] as const,
});

export const RefreshResult = createUnionType({
  name: "RefreshResult",
  description: "The session with new tokens, or why it cannot be continued.",
  types: () => [AuthPayload, InvalidRefreshTokenError] as const,
});

@ObjectType({ description: "What logging out did." })
export class LogOutPayload {
  @Field(() => Int, {
    description:
      "How many sessions were open and are ended now. Access tokens already given out still work until they expire.",
  })
  readonly endedSessions!: number;
}
