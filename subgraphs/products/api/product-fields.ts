import { Ctx, Directive, Field, FieldResolver, ObjectType, Resolver, Root } from "type-graphql";
import { VIEWER_INDEPENDENT } from "../../../kit/subgraph/event-directive";
import { Money } from "../../../kit/subgraph/money";
import { type Category, priceRange, type Product } from "../domain/product";
import { CategoryType } from "./category-type";
import type { ProductsContext } from "./loaders";
import { ProductType } from "./product-type";
import { toVariantNode, type VariantNode, VariantType } from "./variant-type";

@ObjectType({ description: "From the cheapest to the dearest." })
@Directive(VIEWER_INDEPENDENT)
export class PriceRange {
  @Field(() => Money, { description: "The lowest price." })
  min!: Money;

  @Field(() => Money, { description: "The highest price; equal to the lowest when there is one price only." })
  max!: Money;
}

@Resolver(() => ProductType)
export class ProductFields {
  @FieldResolver(() => CategoryType, { description: "Where it stands in the shop." })
  async category(@Root() { id, categoryId }: Product, @Ctx() { loaders }: ProductsContext): Promise<Category> {
    const category = await loaders.categoryById(categoryId);
    if (!category) throw new Error(`the product ${id} is in a category that does not exist`);
    return category;
  }

  @FieldResolver(() => [VariantType], { description: "The forms in which it is sold; at least one." })
  variants(@Root() product: Product): VariantNode[] {
    return product.variants.map((variant) => toVariantNode(product, variant));
  }

  @FieldResolver(() => PriceRange, { description: "What its variants cost. They are all in one currency." })
  priceRange(@Root() product: Product) {
    return priceRange(product);
  }
}
