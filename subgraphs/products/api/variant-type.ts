import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { VIEWER_INDEPENDENT } from "../../../kit/subgraph/event-directive";
import { Money } from "../../../kit/subgraph/money";
import type { Product, Variant } from "../domain/product";

/** A variant as resolvers carry it: with the product it came with, so that going back up asks nobody. */
export type VariantNode = Variant & { readonly product: Product };

export const toVariantNode = (product: Product, variant: Variant): VariantNode => ({ ...variant, product });

@Directive(VIEWER_INDEPENDENT)
@ObjectType({ description: "One choice that tells a variant from the others, such as size: L." })
export class VariantOption {
  @Field(() => String, { description: "What is chosen, such as `size`." })
  name!: string;

  @Field(() => String, { description: "The choice, such as `L`." })
  value!: string;
}

@ObjectType("ProductVariant", { description: "A form of a product that can be ordered." })
@Directive('@key(fields: "id")')
@Directive('@key(fields: "sku")')
export class VariantType {
  @Directive(VIEWER_INDEPENDENT)
  @Field(() => ID, { description: "The variant's id." })
  id!: string;

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => String, { description: "The stock keeping unit: the shop's own number for it." })
  sku!: string;

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => String, { description: "What tells it from the product's other variants." })
  title!: string;

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => [VariantOption], { description: "The choices that make this variant; may be empty." })
  options!: VariantOption[];

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => Money, { description: "What one unit costs now. An order keeps the price it was placed at." })
  price!: Money;

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => Int, { description: "The weight of one unit in grams." })
  weightGrams!: number;

  @Directive(VIEWER_INDEPENDENT)
  @Field(() => Int, { description: "Units that can be ordered now: those on hand without the reserved ones." })
  available!: number;
}
