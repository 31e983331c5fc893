import { createUnionType, Field, ObjectType } from "type-graphql";
import type { Product } from "../domain/product";
import { ProductType } from "./product-type";
import {
  CategoryNotFoundError,
  InvalidInputError,
  ProductNotFoundError,
  SkuTakenError,
  SlugTakenError,
  StockReservedError,
  VariantNotFoundError,
  VersionConflictError,
} from "./refusal-types";
import { type VariantNode, VariantType } from "./variant-type";

@ObjectType({ description: "The product was created, now or by an earlier request with the same idempotency key." })
export class CreateProductSuccess {
  @Field(() => ProductType, { description: "The product." })
  product!: Product;
}

@ObjectType({ description: "The variant has the price." })
export class RepriceVariantSuccess {
  @Field(() => VariantType, { description: "The variant as it is now." })
  variant!: VariantNode;
}

@ObjectType({ description: "The variant has the stock." })
export class SetStockSuccess {
  @Field(() => VariantType, { description: "The variant as it is now." })
  variant!: VariantNode;
}

@ObjectType({ description: "The product has the status." })
export class ChangeProductStatusSuccess {
  @Field(() => ProductType, { description: "The product as it is now." })
  product!: Product;
}

export const CreateProductResult = createUnionType({
  name: "CreateProductResult",
  description: "The new product, or why there is none; ask each `Error` for its `code` and `message`.",
  types: () => [CreateProductSuccess, InvalidInputError, SlugTakenError, SkuTakenError, CategoryNotFoundError] as const,
});

export const RepriceVariantResult = createUnionType({
  name: "RepriceVariantResult",
  description: "The variant, or why its price is as before; ask each `Error` for its `code` and `message`.",
  types: () => [RepriceVariantSuccess, InvalidInputError, VariantNotFoundError, VersionConflictError] as const,
});

export const SetStockResult = createUnionType({
  name: "SetStockResult",
  description: "The variant, or why its stock is as before; ask each `Error` for its `code` and `message`.",
  types: () => [SetStockSuccess, InvalidInputError, VariantNotFoundError, StockReservedError] as const,
});

export const ChangeProductStatusResult = createUnionType({
  name: "ChangeProductStatusResult",
  description: "The product, or why its status is as before; ask each `Error` for its `code` and `message`.",
  types: () => [ChangeProductStatusSuccess, ProductNotFoundError, VersionConflictError] as const,
});
