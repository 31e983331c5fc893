import { Ctx, Directive, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root } from "type-graphql";
import { DateTime } from "../../../kit/subgraph/date-time";
import { Money } from "../../../kit/subgraph/money";
import { type CancelReason, lineTotal, type Order, type OrderLine } from "../domain/order";
import { allowedTransitions, type OrderStatus } from "../domain/transitions";
import { CancelReasonEnum, OrderStatusEnum } from "./enums";
import type { OrdersContext } from "./loaders";
import { ProductVariantStub, UserStub } from "./stubs";

@ObjectType("Order", {
  description: "What a customer bought. Visible to its customer and to staff; for everyone else it does not exist.",
})
@Directive('@key(fields: "id")')
@Directive('@key(fields: "number")')
@Directive("@authenticated")
export class OrderType {
  @Field(() => ID, { description: "The order's id." })
  id!: string;

  @Field(() => String, { description: "The order's number, for people: `T-20261121-000042`." })
  number!: string;

  @Field(() => OrderStatusEnum, { description: "Where the order stands." })
  status!: OrderStatus;

  @Field(() => CancelReasonEnum, { nullable: true, description: "Why it was cancelled; null while it is not." })
  cancelReason!: CancelReason | null;

  @Field(() => DateTime, { description: "When it was placed." })
  placedAt!: Date;

  @Field(() => DateTime, { description: "When it last changed." })
  updatedAt!: Date;

  @Field(() => Int, { description: "1 when placed, one more with each change: the larger one is the newer state." })
  version!: number;
}

@ObjectType("OrderLine", { description: "A variant in an order, as it was when it was ordered." })
export class OrderLineType {
  @Field(() => String, { description: "The title at that time." })
  title!: string;

  @Field(() => String, { description: "The stock keeping unit at that time." })
  sku!: string;

  @Field(() => Int, { description: "How many units." })
  quantity!: number;

  @Field(() => Money, { description: "The price of one unit at that time." })
  unitPrice!: Money;
}

@Resolver(() => OrderType)
export class OrderFields {
  @FieldResolver(() => [OrderStatusEnum], {
    description: "Each status that can follow; empty when the order is at its end.",
  })
  allowedTransitions(@Root() order: Order): OrderStatus[] {
    return allowedTransitions(order.status);
  }

  @FieldResolver(() => Money, { description: "The sum of all lines." })
  total(@Root() { totalMinor, currency }: Order): Money {
    return Object.assign(new Money(), { amountMinor: totalMinor, currency });
  }

  @FieldResolver(() => [OrderLineType], { description: "What was bought, in the order in which it was put in." })
  async lines(@Root() { id }: Order, @Ctx() { loaders }: OrdersContext): Promise<readonly OrderLine[]> {
    return loaders.linesOf(id);
  }

  @FieldResolver(() => UserStub, { description: "Who placed it." })
  customer(@Root() { customerId }: Order): UserStub {
    return Object.assign(new UserStub(), { id: customerId });
  }
}

@Resolver(() => OrderLineType)
export class OrderLineFields {
  @FieldResolver(() => ProductVariantStub, { description: "The variant as it is now." })
  variant(@Root() { variantId }: OrderLine): ProductVariantStub {
    return Object.assign(new ProductVariantStub(), { id: variantId });
  }

  @FieldResolver(() => Money, { description: "Quantity times unit price." })
  lineTotal(@Root() line: OrderLine): Money {
    return Object.assign(new Money(), lineTotal(line));
  }
}
