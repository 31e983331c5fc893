import { Arg, Args, ArgsType, Ctx, Field, ID, InputType, Query, Resolver } from "type-graphql";
import { badUserInput } from "../../../kit/errors";
import { PageArgs } from "../../../kit/subgraph/connection";
import type { ProductSort } from "../domain/catalogue";
import { MAX_SEARCH_LENGTH } from "../domain/list-products";
import type { Category, Product } from "../domain/product";
import { CategoryType } from "./category-type";
import { ProductSortEnum } from "./enums";
import { findVariant } from "./find-variant";
import type { ProductsContext } from "./loaders";
import { ProductConnection, type ProductPage, readProductPage } from "./product-page";
import { ProductType } from "./product-type";
import { type VariantNode, VariantType } from "./variant-type";

@InputType({ description: "Which products to list; what is left out does not narrow the list." })
export class ProductFilter {
  @Field(() => String, { nullable: true, description: "Only products of this category or of one below it." })
  categorySlug?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `Only products in which every one of these words begins a word: of the name, the variants, the SKUs or the description. At most 8 words and ${MAX_SEARCH_LENGTH} characters.`,
  })
  search?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only products of which a variant can be ordered now; or, when false, only those that are sold out.",
  })
  inStock?: boolean | null;
}

@ArgsType()
class ProductsArgs extends PageArgs {
  @Field(() => ProductFilter, { nullable: true, description: "Which products." })
  filter?: ProductFilter | null;

  @Field(() => ProductSortEnum, { defaultValue: ProductSortEnum.NEWEST, description: "In which order." })
  sort!: ProductSort;
}

@Resolver()
export class ProductQueries {
  @Query(() => ProductType, {
    nullable: true,
    description: "One product, by its id or by its slug: give exactly one. Null when there is none that you may see.",
  })
  async product(
    @Ctx() { loaders }: ProductsContext,
    @Arg("id", () => ID, { nullable: true, description: "The product's id." }) id: string | null | undefined,
    @Arg("slug", () => String, { nullable: true, description: "The product's slug." }) slug: string | null | undefined,
  ): Promise<Product | null> {
    return exactlyOne({ id, slug }, loaders.productById, loaders.productBySlug);
  }

  @Query(() => VariantType, {
    nullable: true,
    description: "One variant, by its id or by its SKU: give exactly one. Null when there is none that you may see.",
  })
  async productVariant(
    @Ctx() { loaders }: ProductsContext,
    @Arg("id", () => ID, { nullable: true, description: "The variant's id." }) id: string | null | undefined,
    @Arg("sku", () => String, { nullable: true, description: "The variant's SKU." }) sku: string | null | undefined,
  ): Promise<VariantNode | null> {
    return exactlyOne(
      { id, sku },
      (one) => findVariant(loaders, { id: one }),
      (one) => findVariant(loaders, { sku: one }),
    );
  }

  @Query(() => ProductConnection, { description: "The products of the shop." })
  async products(
    @Ctx() { loaders }: ProductsContext,
    @Args(() => ProductsArgs) { filter, sort, ...page }: ProductsArgs,
  ): Promise<ProductPage> {
    return readProductPage(page, sort, await loaders.listProducts(filter ?? {}));
  }

  @Query(() => [CategoryType], { description: "The categories at the top of the shop's tree, by name." })
  async categories(@Ctx() { loaders }: ProductsContext): Promise<readonly Category[]> {
    return loaders.childrenOf(null);
  }

  @Query(() => CategoryType, {
    nullable: true,
    description: "One category, by its id or by its slug: give exactly one. Null when there is none.",
  })
  async category(
    @Ctx() { loaders }: ProductsContext,
    @Arg("id", () => ID, { nullable: true, description: "The category's id." }) id: string | null | undefined,
    @Arg("slug", () => String, { nullable: true, description: "The category's slug." }) slug: string | null | undefined,
  ): Promise<Category | null> {
    return exactlyOne({ id, slug }, loaders.categoryById, loaders.categoryBySlug);
  }
}

/** @param keys two arguments, in the order of their loaders. @throws ClientError BAD_USER_INPUT unless one of them is given */
function exactlyOne<Found>(
  keys: Readonly<Record<string, string | null | undefined>>,
  byFirst: (key: string) => Promise<Found>,
  bySecond: (key: string) => Promise<Found>,
): Promise<Found> {
  const [first, second] = Object.values(keys);
  if (first != null && second == null) return byFirst(first);
  if (second != null && first == null) return bySecond(second);
  const names = Object.keys(keys);
  throw badUserInput(`Give exactly one of ${names.map((name) => `\`${name}\``).join(" and ")}.`, names);
}
