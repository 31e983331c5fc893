import { Arg, Directive, ID, Resolver, Subscription } from "type-graphql";
import { eventDirective } from "../../../kit/subgraph/event-directive";
import { OrderType } from "./order-type";

@Resolver()
export class OrderUpdated {
  /** Never called: the gateway hears the events and asks `_entities` for the order. TypeGraphQL wants a source all the same. */
  @Subscription(() => OrderType, {
    description: "The order as it is now, then again each time it changes. Only for its customer and for staff.",
    subscribe: () => {
      throw new Error("Subscriptions are served by the gateway.");
    },
  })
  @Directive("@authenticated")
  @Directive(
    eventDirective({
      types: ["orders.order.placed.v1", "orders.order.confirmed.v1", "orders.order.cancelled.v1"],
      key: "orderId",
      where: "orderId == $args.orderId",
    }),
  )
  orderUpdated(@Arg("orderId", () => ID, { description: "The order's id." }) _orderId: string): OrderType {
    throw new Error("Subscriptions are served by the gateway.");
  }
}
