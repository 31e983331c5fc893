import { Arg, Ctx, Directive, Mutation, Resolver } from "type-graphql";
import type { Product, ProductStatus } from "../domain/product";
import { isRefusal, type Refusal } from "../domain/refusals";
import type { ProductsContext } from "./loaders";
import { ChangeProductStatusInput, CreateProductInput, RepriceVariantInput, SetStockInput } from "./product-inputs";
import {
  ChangeProductStatusResult,
  ChangeProductStatusSuccess,
  CreateProductResult,
  CreateProductSuccess,
  RepriceVariantResult,
  RepriceVariantSuccess,
  SetStockResult,
  SetStockSuccess,
} from "./product-results";
import { toErrorType } from "./refusal-types";
import { toVariantNode } from "./variant-type";

const STAFF_ONLY = '@requiresScopes(scopes: [["products:write"]])';

@Resolver()
export class ProductMutations {
  @Mutation(() => CreateProductResult, { description: "Creates a product. For staff." })
  @Directive(STAFF_ONLY)
  async createProduct(
    @Ctx() context: ProductsContext,
    @Arg("input", () => CreateProductInput, { description: "The product." }) input: CreateProductInput,
  ): Promise<typeof CreateProductResult> {
    const outcome = await context.loaders.createProduct(input, context);
    return answer(outcome, (product) => Object.assign(new CreateProductSuccess(), { product }));
  }

  @Mutation(() => RepriceVariantResult, {
    description: "Changes the price of a variant. Orders placed before keep theirs. For staff.",
  })
  @Directive(STAFF_ONLY)
  async repriceVariant(
    @Ctx() context: ProductsContext,
    @Arg("input", () => RepriceVariantInput, { description: "The variant and its price." }) input: RepriceVariantInput,
  ): Promise<typeof RepriceVariantResult> {
    const outcome = await context.loaders.repriceVariant(input, context);
    return answer(outcome, (product) =>
      Object.assign(new RepriceVariantSuccess(), { variant: variantOf(product, input.variantId) }),
    );
  }

  @Mutation(() => SetStockResult, {
    description: "Says how many units of a variant are in the warehouse; never fewer than are reserved. For staff.",
  })
  @Directive(STAFF_ONLY)
  async setStock(
    @Ctx() context: ProductsContext,
    @Arg("input", () => SetStockInput, { description: "The variant and its units." }) input: SetStockInput,
  ): Promise<typeof SetStockResult> {
    return answer(await context.loaders.setStock(input, context), (product) =>
      Object.assign(new SetStockSuccess(), { variant: variantOf(product, input.variantId) }),
    );
  }

  @Mutation(() => ChangeProductStatusResult, { description: "Puts a product up for sale. For staff." })
  @Directive(STAFF_ONLY)
  publishProduct(
    @Ctx() context: ProductsContext,
    @Arg("input", () => ChangeProductStatusInput, { description: "Which product." }) input: ChangeProductStatusInput,
  ): Promise<typeof ChangeProductStatusResult> {
    return changeStatus(context, input, "PUBLISHED");
  }

  @Mutation(() => ChangeProductStatusResult, {
    description: "Takes a product out of sale. What is reserved stays reserved. For staff.",
  })
  @Directive(STAFF_ONLY)
  archiveProduct(
    @Ctx() context: ProductsContext,
    @Arg("input", () => ChangeProductStatusInput, { description: "Which product." }) input: ChangeProductStatusInput,
  ): Promise<typeof ChangeProductStatusResult> {
    return changeStatus(context, input, "ARCHIVED");
  }
}

async function changeStatus(
  { loaders }: ProductsContext,
  input: ChangeProductStatusInput,
  status: ProductStatus,
): Promise<typeof ChangeProductStatusResult> {
  return answer(await loaders.changeStatus(input, status), (product) =>
    Object.assign(new ChangeProductStatusSuccess(), { product }),
  );
}

const answer = <Success, Other>(
  outcome: Product | Refusal,
  toSuccess: (product: Product) => Success,
): Success | Other => (isRefusal(outcome) ? (toErrorType(outcome) as Other) : toSuccess(outcome));

function variantOf(product: Product, variantId: string) {
  const variant = product.variants.find(({ id }) => id === variantId);
  if (!variant) throw new Error("a use case answered a product without the variant it was asked for");
  return toVariantNode(product, variant);
}
