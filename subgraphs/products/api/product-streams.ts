import { Arg, Directive, ID, Int, Resolver, Subscription } from "type-graphql";
import { eventDirective } from "../../../kit/subgraph/event-directive";
import { servedByGateway } from "../../../kit/subgraph/served-by-gateway";
import { VariantType } from "./variant-type";

@Resolver()
export class ProductStreams {
  @Subscription(() => VariantType, {
    description: "Each variant of these products when its price changes, while the product is for sale. For everyone.",
    subscribe: servedByGateway,
  })
  @Directive(
    eventDirective({
      types: ["products.variant.repriced.v1"],
      key: "variantId",
      where: "productId in $args.productIds && productStatus == 'PUBLISHED'",
    }),
  )
  productPriceChanged(
    @Arg("productIds", () => [ID], { description: "The products' ids." }) _productIds: string[],
  ): VariantType {
    return servedByGateway();
  }

  @Subscription(() => VariantType, {
    description:
      "Each variant at the moment when the units that can be ordered fall from above the threshold to it or below. For staff.",
    subscribe: servedByGateway,
  })
  @Directive('@requiresScopes(scopes: [["products:write"]])')
  @Directive(
    eventDirective({
      types: ["products.stock.changed.v1"],
      key: "variantId",
      where: "available <= $args.threshold && availableBefore > $args.threshold",
      payload: { id: "variantId", sku: "sku", available: "available" },
      // An alert is not replaced by a later one.
      buffer: { policy: "DROP_OLDEST", maxMessages: 1_000 },
    }),
  )
  stockLow(@Arg("threshold", () => Int, { description: "So many units are few." }) _threshold: number): VariantType {
    return servedByGateway();
  }
}
