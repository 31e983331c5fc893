/** A refusal that the client can act on: returned, never thrown. `path` leads into the arguments of the mutation. */
interface RefusalOf<Code extends string> {
  readonly refusal: Code;
  readonly message: string;
  readonly path: readonly string[] | null;
}

export type InvalidInput = RefusalOf<"INVALID_INPUT">;
export type SlugTaken = RefusalOf<"SLUG_TAKEN"> & { readonly slug: string };
export type SkuTaken = RefusalOf<"SKU_TAKEN"> & { readonly sku: string };
export type CategoryNotFound = RefusalOf<"CATEGORY_NOT_FOUND">;
export type ProductNotFound = RefusalOf<"PRODUCT_NOT_FOUND">;
export type VariantNotFound = RefusalOf<"VARIANT_NOT_FOUND">;
export type VersionConflict = RefusalOf<"VERSION_CONFLICT"> & { readonly currentVersion: number };
export type StockReserved = RefusalOf<"STOCK_RESERVED"> & { readonly reserved: number };
export type IdempotencyConflict = RefusalOf<"IDEMPOTENCY_CONFLICT">;

export type CreateProductRefusal = InvalidInput | SlugTaken | SkuTaken | CategoryNotFound | IdempotencyConflict;
export type RepriceVariantRefusal = InvalidInput | VariantNotFound | VersionConflict;
export type SetStockRefusal = InvalidInput | VariantNotFound | StockReserved;
export type ChangeStatusRefusal = ProductNotFound | VersionConflict;

export type Refusal = CreateProductRefusal | RepriceVariantRefusal | SetStockRefusal | ChangeStatusRefusal;

export const isRefusal = <T extends object>(outcome: T | Refusal): outcome is Refusal => "refusal" in outcome;

export const invalidInput = (message: string, ...path: string[]): InvalidInput => ({
  refusal: "INVALID_INPUT",
  message,
  path: ["input", ...path],
});

export const productNotFound = (): ProductNotFound => ({
  refusal: "PRODUCT_NOT_FOUND",
  message: "There is no such product.",
  path: ["input", "productId"],
});

export const variantNotFound = (): VariantNotFound => ({
  refusal: "VARIANT_NOT_FOUND",
  message: "There is no such variant.",
  path: ["input", "variantId"],
});

export const versionConflict = (currentVersion: number): VersionConflict => ({
  refusal: "VERSION_CONFLICT",
  message: "The product was changed in the meantime; look at it again.",
  path: ["input", "expectedVersion"],
  currentVersion,
});
