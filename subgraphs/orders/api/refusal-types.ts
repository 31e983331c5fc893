import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { ErrorInterface } from "../../../kit/subgraph/error-interface";
import type { Refusal } from "../domain/refusals";
import type { OrderStatus } from "../domain/transitions";
import { OrderStatusEnum } from "./enums";

// Other subgraphs declare the same type: their inputs break rules too.
@Directive("@shareable")
@ObjectType({
  implements: ErrorInterface,
  description: "A value of the input breaks the rule that `message` says; `path` leads to it.",
})
export class InvalidInputError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "An order needs at least one line." })
export class EmptyOrderError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "More lines than one order can have." })
export class TooManyLinesError extends ErrorInterface {
  @Field(() => Int, { description: "The most lines that an order can have." })
  maxLines!: number;
}

@ObjectType({
  implements: ErrorInterface,
  description: "A quantity outside its bounds. Lines of one variant count together.",
})
export class InvalidQuantityError extends ErrorInterface {
  @Field(() => ID, { description: "The variant of the line, as you sent it." })
  variantId!: string;

  @Field(() => Int, { description: "The smallest quantity." })
  minQuantity!: number;

  @Field(() => Int, { description: "The largest quantity." })
  maxQuantity!: number;
}

@ObjectType({ implements: ErrorInterface, description: "There is no such variant, or it is not for sale." })
export class UnknownVariantError extends ErrorInterface {
  @Field(() => ID, { description: "The variant of the line, as you sent it." })
  variantId!: string;
}

@ObjectType({ implements: ErrorInterface, description: "The prices of the lines are in several currencies." })
export class MixedCurrenciesError extends ErrorInterface {
  @Field(() => [String], { description: "The currencies, by their ISO 4217 codes." })
  currencies!: string[];
}

@ObjectType({ implements: ErrorInterface, description: "The idempotency key was used before, with other input." })
export class IdempotencyConflictError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "There is no such order that you may see." })
export class OrderNotFoundError extends ErrorInterface {}

@ObjectType({ implements: ErrorInterface, description: "The order cannot be cancelled any more." })
export class OrderNotCancellableError extends ErrorInterface {
  @Field(() => OrderStatusEnum, { description: "Where the order stands." })
  status!: OrderStatus;
}

const TYPES: {
  readonly [Code in Refusal["refusal"]]: new (code: string, message: string, path: string[] | null) => ErrorInterface;
} = {
  INVALID_INPUT: InvalidInputError,
  EMPTY_ORDER: EmptyOrderError,
  TOO_MANY_LINES: TooManyLinesError,
  INVALID_QUANTITY: InvalidQuantityError,
  UNKNOWN_VARIANT: UnknownVariantError,
  MIXED_CURRENCIES: MixedCurrenciesError,
  IDEMPOTENCY_CONFLICT: IdempotencyConflictError,
  ORDER_NOT_FOUND: OrderNotFoundError,
  ORDER_NOT_CANCELLABLE: OrderNotCancellableError,
};

/** The refusal as the member of a result union that stands for it. */
export function toErrorType({ refusal, message, path, ...details }: Refusal): ErrorInterface {
  return Object.assign(new TYPES[refusal](refusal, message, path && [...path]), details);
}
