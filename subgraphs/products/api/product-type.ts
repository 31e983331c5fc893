import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { DateTime } from "../../../kit/subgraph/date-time";
import { VIEWER_INDEPENDENT } from "../../../kit/subgraph/event-directive";
import type { ProductStatus } from "../domain/product";
import { ProductStatusEnum } from "./enums";

@ObjectType("Product", { description: "What the shop shows. It is sold as one of its variants." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "slug")')
@Directive(VIEWER_INDEPENDENT)
export class ProductType {
  @Field(() => ID, { description: "The product's id." })
  id!: string;

  @Field(() => String, { description: "Names the product in addresses of pages: small letters, digits and dashes." })
  slug!: string;

  @Field(() => String, { description: "The name that people read." })
  name!: string;

  @Field(() => String, { description: "What it is, in plain text; may be empty." })
  description!: string;

  @Field(() => ProductStatusEnum, { description: "Who sees it, and whether it is sold." })
  status!: ProductStatus;

  @Field(() => DateTime, { description: "When it was created." })
  createdAt!: Date;

  @Field(() => Int, {
    description: "1 when created, one more with each edit; stock moves without it. Send it back as `expectedVersion`.",
  })
  version!: number;
}
