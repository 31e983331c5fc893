import { Arg, Directive, ID, Resolver, Subscription } from "type-graphql";
import { eventDirective } from "../../../kit/subgraph/event-directive";
import { servedByGateway } from "../../../kit/subgraph/served-by-gateway";
import { OrderType } from "./order-type";

const CHANGES = ["orders.order.placed.v1", "orders.order.confirmed.v1", "orders.order.cancelled.v1"];

@Resolver()
export class OrderStreams {
  @Subscription(() => OrderType, {
    description: "The order as it is now, then again each time it changes. Only for its customer and for staff.",
    subscribe: servedByGateway,
  })
  @Directive("@authenticated")
  @Directive(eventDirective({ types: CHANGES, key: "orderId", where: "orderId == $args.orderId" }))
  orderUpdated(@Arg("orderId", () => ID, { description: "The order's id." }) _orderId: string): OrderType {
    return servedByGateway();
  }

  @Subscription(() => OrderType, {
    description: "Each of the viewer's own orders when it is placed and each time it changes.",
    subscribe: servedByGateway,
  })
  @Directive("@authenticated")
  @Directive(eventDirective({ types: CHANGES, key: "orderId", where: "userId == $claims.sub" }))
  myOrders(): OrderType {
    return servedByGateway();
  }
}
