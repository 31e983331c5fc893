import { Directive, Field, ID, ObjectType } from "type-graphql";
import { DateTime } from "../../../kit/subgraph/date-time";

/** The fields that need no resolver of their own; `email` and `roles` are in user-resolver.ts because they are guarded. */
@Directive('@key(fields: "id")')
@Directive('@key(fields: "email")')
@ObjectType("User", { description: "Someone with an account." })
export abstract class UserType {
  @Field(() => ID, { description: "The user's id." })
  readonly id!: string;

  @Field(() => String, { description: "As the user wrote it; others see it too, for instance beside a review." })
  readonly name!: string;

  @Field(() => DateTime, { description: "When the account was opened." })
  readonly createdAt!: Date;
}
