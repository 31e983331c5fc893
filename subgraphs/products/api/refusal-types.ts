import { Directive, Field, Int, ObjectType } from "type-graphql";
import { ErrorInterface } from "../../../kit/subgraph/error-interface";
import type { Refusal } from "../domain/refusals";

// Every subgraph has its own reasons to answer this one.
@ObjectType({
  implements: ErrorInterface,
  description: "A value of the input breaks the rule that `message` says; `path` leads to it.",
})
@Directive("@shareable")
export class InvalidInputError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "Another product has this slug." })
export class SlugTakenError extends ErrorInterface {
  @Field(() => String, { description: "The slug, as you sent it." })
  slug!: string;
}

@ObjectType({ implements: ErrorInterface, description: "A variant of another product has this SKU." })
export class SkuTakenError extends ErrorInterface {
  @Field(() => String, { description: "The SKU, as you sent it." })
  sku!: string;
}

@ObjectType({ implements: ErrorInterface, description: "There is no such category." })
export class CategoryNotFoundError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "There is no such product." })
export class ProductNotFoundError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "There is no such variant." })
export class VariantNotFoundError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "Someone else changed the product after you looked at it." })
export class VersionConflictError extends ErrorInterface {
  @Field(() => Int, { description: "The version that the product has now." })
  currentVersion!: number;
}

@ObjectType({ implements: ErrorInterface, description: "Orders have more units reserved than you want to keep." })
export class StockReservedError extends ErrorInterface {
  @Field(() => Int, { description: "How many units are reserved." })
  reserved!: number;
}

const TYPES: {
  readonly [Code in Refusal["refusal"]]: new (code: string, message: string, path: string[] | null) => ErrorInterface;
} = {
  INVALID_INPUT: InvalidInputError,
  IDEMPOTENCY_CONFLICT: InvalidInputError,
  SLUG_TAKEN: SlugTakenError,
  SKU_TAKEN: SkuTakenError,
  CATEGORY_NOT_FOUND: CategoryNotFoundError,
  PRODUCT_NOT_FOUND: ProductNotFoundError,
  VARIANT_NOT_FOUND: VariantNotFoundError,
  VERSION_CONFLICT: VersionConflictError,
  STOCK_RESERVED: StockReservedError,
};

/** The refusal as the member of a result union that stands for it. */
export function toErrorType({ refusal, message, path, ...details }: Refusal): ErrorInterface {
  return Object.assign(new TYPES[refusal](refusal, message, path && [...path]), details);
}
