import { Field, ID, InputType, Int } from "type-graphql";
import { type CurrencyCode, CurrencyCodeEnum } from "../../../kit/subgraph/money";

@InputType({ description: "An amount of money." })
export class MoneyInput {
  @Field(() => Int, { description: "The amount in the currency's smallest unit, 0 to 100000000: 1999 is 19.99 EUR." })
  amountMinor!: number;

  @Field(() => CurrencyCodeEnum, { description: "The currency of the amount." })
  currency!: CurrencyCode;
}

@InputType({ description: "One choice that tells a variant from the others, such as size: L." })
export class VariantOptionInput {
  @Field(() => String, { description: "What is chosen: 1 to 40 characters." })
  name!: string;

  @Field(() => String, { description: "The choice: 1 to 80 characters." })
  value!: string;
}

@InputType({ description: "A variant of a new product." })
export class NewVariantInput {
  @Field(() => String, { description: "2 to 40 capital letters and digits, in parts joined by single dashes; unique." })
  sku!: string;

  @Field(() => String, { description: "What tells it from the other variants: one line of 1 to 120 characters." })
  title!: string;

  @Field(() => [VariantOptionInput], { nullable: true, description: "At most 10 choices." })
  options?: VariantOptionInput[] | null;

  @Field(() => MoneyInput, { description: "What one unit costs. All variants of a product are in one currency." })
  price!: MoneyInput;

  @Field(() => Int, { description: "The weight of one unit: 0 to 1000000 grams." })
  weightGrams!: number;

  @Field(() => Int, { nullable: true, description: "Units in the warehouse: 0 to 1000000. None when left out." })
  onHand?: number | null;
}

@InputType({ description: "A new product." })
export class CreateProductInput {
  @Field(() => String, {
    description: "1 to 80 small letters and digits, in parts joined by single dashes; unique.",
  })
  slug!: string;

  @Field(() => String, { description: "One line of 1 to 120 characters." })
  name!: string;

  @Field(() => String, { nullable: true, description: "Plain text of at most 5000 characters." })
  description?: string | null;

  @Field(() => ID, { description: "The id of the category it belongs to." })
  categoryId!: string;

  @Field(() => [NewVariantInput], { description: "1 to 50 variants." })
  variants!: NewVariantInput[];

  @Field(() => Boolean, { nullable: true, description: "Whether it is for sale at once; otherwise it is a draft." })
  publish?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A text of your own, 1 to 255 visible ASCII characters. Sent again with the same product it answers the same product instead of creating another.",
  })
  idempotencyKey?: string | null;
}

const EXPECTED_VERSION =
  "The `version` you have seen. If the product has another one by now nothing changes; without it the last edit wins.";

@InputType({ description: "A new price for a variant." })
export class RepriceVariantInput {
  @Field(() => ID, { description: "The variant's id." })
  variantId!: string;

  @Field(() => MoneyInput, { description: "What one unit costs from now on." })
  price!: MoneyInput;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}

@InputType({ description: "How many units of a variant there are." })
export class SetStockInput {
  @Field(() => ID, { description: "The variant's id." })
  variantId!: string;

  @Field(() => Int, { description: "Units in the warehouse, those reserved for orders included: 0 to 1000000." })
  onHand!: number;
}

@InputType({ description: "Which product to publish or archive." })
export class ChangeProductStatusInput {
  @Field(() => ID, { description: "The product's id." })
  productId!: string;

  @Field(() => Int, { nullable: true, description: EXPECTED_VERSION })
  expectedVersion?: number | null;
}
