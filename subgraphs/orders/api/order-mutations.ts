import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Directive,
  Field,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
} from "type-graphql";
import { effectKeyOf } from "../../../kit/subgraph/effect-key";
import type { CancelReason, Order } from "../domain/order";
import { isRefusal, type Refusal } from "../domain/refusals";
import { CancelReasonEnum } from "./enums";
import type { OrdersContext } from "./loaders";
import { OrderType } from "./order-type";
import {
  EmptyOrderError,
  IdempotencyConflictError,
  InvalidInputError,
  InvalidQuantityError,
  MixedCurrenciesError,
  OrderNotCancellableError,
  OrderNotFoundError,
  toErrorType,
  TooManyLinesError,
  UnknownVariantError,
} from "./refusal-types";

@InputType({ description: "Units of one variant to order." })
export class OrderLineInput {
  @Field(() => ID, { description: "The variant's id." })
  variantId!: string;

  @Field(() => Int, { description: "How many units: 1 to 1000." })
  quantity!: number;
}

@InputType({ description: "What to order. Prices are the shop's at that moment." })
export class PlaceOrderInput {
  @Field(() => [OrderLineInput], { description: "1 to 100 lines; lines of the same variant are put together." })
  lines!: OrderLineInput[];

  @Field(() => ID, {
    nullable: true,
    description:
      "For whom: the id of a user. Only callers with the scope `orders:write` say so, such as partners; you, when left out.",
  })
  customerId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A text of your own, 1 to 255 visible ASCII characters. Sent again with the same lines it answers the same order instead of placing another.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which order to cancel." })
export class CancelOrderInput {
  @Field(() => ID, { description: "The order's id." })
  orderId!: string;

  @Field(() => CancelReasonEnum, {
    nullable: true,
    description: "Why; only staff may give another reason than CUSTOMER_REQUEST. What fits the caller when left out.",
  })
  reason?: CancelReason | null;
}

@ObjectType({ description: "The order was placed, now or by an earlier request with the same idempotency key." })
export class PlaceOrderSuccess {
  @Field(() => OrderType, { description: "The order; PENDING until its stock is reserved." })
  order!: Order;
}

@ObjectType({ description: "The order was cancelled." })
export class CancelOrderSuccess {
  @Field(() => OrderType, { description: "The order as it is now." })
  order!: Order;
}

export const PlaceOrderResult = createUnionType({
  name: "PlaceOrderResult",
  description: "The placed order, or why it was not placed; ask each `Error` for its `code` and `message`.",
  types: () =>
    [
      PlaceOrderSuccess,
      InvalidInputError,
      EmptyOrderError,
      TooManyLinesError,
      InvalidQuantityError,
      UnknownVariantError,
      MixedCurrenciesError,
      IdempotencyConflictError,
    ] as const,
});

export const CancelOrderResult = createUnionType({
  name: "CancelOrderResult",
  description: "The cancelled order, or why it was not cancelled; ask each `Error` for its `code` and `message`.",
  types: () => [CancelOrderSuccess, InvalidInputError, OrderNotFoundError, OrderNotCancellableError] as const,
});

@Resolver()
export class OrderMutations {
  @Mutation(() => PlaceOrderResult, {
    description:
      "Orders variants for the signed-in user, or for the customer that a caller with `orders:write` names. Answers at once; `orderUpdated` tells when the stock is reserved or missing.",
  })
  @Directive("@authenticated")
  async placeOrder(
    @Ctx() context: OrdersContext,
    @Arg("input", () => PlaceOrderInput, { description: "What to order." }) input: PlaceOrderInput,
    @Info() info: GraphQLResolveInfo,
  ): Promise<typeof PlaceOrderResult> {
    const idempotencyKey = input.idempotencyKey ?? effectKeyOf(context, info);
    return answer(PlaceOrderSuccess, await context.loaders.placeOrder({ ...input, idempotencyKey }, context));
  }

  @Mutation(() => CancelOrderResult, { description: "Cancels an order of the signed-in user; staff cancel any." })
  @Directive("@authenticated")
  async cancelOrder(
    @Ctx() context: OrdersContext,
    @Arg("input", () => CancelOrderInput, { description: "Which order." }) input: CancelOrderInput,
    @Info() info: GraphQLResolveInfo,
  ): Promise<typeof CancelOrderResult> {
    const effectKey = effectKeyOf(context, info);
    return answer(CancelOrderSuccess, await context.loaders.cancelOrder({ ...input, effectKey }, context));
  }
}

const answer = <Success extends { order: Order }, Other>(
  Success: new () => Success,
  outcome: Order | Refusal,
): Success | Other =>
  isRefusal(outcome) ? (toErrorType(outcome) as Other) : Object.assign(new Success(), { order: outcome });
