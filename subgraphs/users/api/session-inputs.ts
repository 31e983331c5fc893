import { Field, InputType } from "type-graphql";

@InputType({ description: "What an account needs." })
export class RegisterInput {
  @Field(() => String, {
    description: "Where the user gets mail; blanks around it and the case of letters do not matter.",
  })
  readonly email!: string;

  @Field(() => String, { description: "8 to 128 characters, any; passwords that everyone uses are refused." })
  readonly password!: string;

  @Field(() => String, { description: "1 to 100 characters, shown to others." })
  readonly name!: string;
}

@InputType({ description: "Who says they are who." })
export class LogInInput {
  @Field(() => String, { description: "The address of the account." })
  readonly email!: string;

  @Field(() => String, { description: "Its password." })
  readonly password!: string;
}

@InputType({ description: "What a session is continued with." })
export class RefreshInput {
  @Field(() => String, { description: "The newest one of the session; it works once." })
  readonly refreshToken!: string;
}

@InputType({ description: "Which sessions to end; nothing ends the one of the access token." })
export class LogOutInput {
  @Field(() => String, {
    nullable: true,
    description: "Ends the session of this refresh token, also without an access token.",
  })
  readonly refreshToken?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "True ends all sessions of whoever is signed in, on every device.",
  })
  readonly everywhere?: boolean | null;
}
