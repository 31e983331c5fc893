import { Directive, Field, ID, ObjectType } from "type-graphql";

/** Owned by users; orders adds the orders of a user. */
@ObjectType("User")
@Directive('@key(fields: "id")')
export class UserStub {
  @Field(() => ID, { description: "The user's id." })
  id!: string;
}

/** Owned by products. */
@ObjectType("ProductVariant")
@Directive('@key(fields: "id", resolvable: false)')
export class ProductVariantStub {
  @Field(() => ID, { description: "The variant's id." })
  id!: string;
}
