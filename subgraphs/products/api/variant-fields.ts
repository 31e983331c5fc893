import { Ctx, Directive, FieldResolver, Int, Resolver, Root } from "type-graphql";
import { VIEWER_INDEPENDENT } from "../../../kit/subgraph/event-directive";
import { requireScope } from "../../../kit/viewer";
import { WRITE_PRODUCTS } from "../domain/access";
import type { Product } from "../domain/product";
import type { ProductsContext } from "./loaders";
import { ProductType } from "./product-type";
import { type VariantNode, VariantType } from "./variant-type";

@Resolver(() => VariantType)
export class VariantFields {
  @Directive(VIEWER_INDEPENDENT)
  @FieldResolver(() => Boolean, { description: "Whether there is at least one unit to order now." })
  inStock(@Root() { available }: VariantNode): boolean {
    return available > 0;
  }

  @Directive(VIEWER_INDEPENDENT)
  @FieldResolver(() => ProductType, { description: "The product of which this is a variant." })
  product(@Root() { product }: VariantNode): Product {
    return product;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: "Units in the warehouse, the reserved ones included. For staff.",
  })
  @Directive('@requiresScopes(scopes: [["products:write"]])')
  onHand(@Root() { onHand }: VariantNode, @Ctx() { viewer }: ProductsContext): number {
    requireScope(viewer, WRITE_PRODUCTS);
    return onHand;
  }

  @FieldResolver(() => Int, { nullable: true, description: "Units set aside for orders. For staff." })
  @Directive('@requiresScopes(scopes: [["products:write"]])')
  reserved(@Root() { reserved }: VariantNode, @Ctx() { viewer }: ProductsContext): number {
    requireScope(viewer, WRITE_PRODUCTS);
    return reserved;
  }
}
