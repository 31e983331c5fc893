import type { Origin } from "./origin";
import type { Category, Price, Product, ProductStatus } from "./product";

export const PRODUCT_SORTS = ["NEWEST", "NAME", "PRICE_LOW_TO_HIGH", "PRICE_HIGH_TO_LOW"] as const;
export type ProductSort = (typeof PRODUCT_SORTS)[number];

export interface ProductFilter {
  readonly statuses: readonly ProductStatus[];
  /** The product is in one of these. */
  readonly categoryIds?: readonly string[];
  /** Every one begins a word of the product; as `wordsOf` makes them. */
  readonly words?: readonly string[];
  readonly inStock?: boolean;
}

/** The place of a product in a list; `value` is what the list is sorted by, where that is not the id. */
export interface ProductPosition {
  readonly sort: ProductSort;
  readonly value?: string | number | undefined;
  readonly id: string;
}

/** What part of a list is wanted. Answered with one row more than `limit` if there is one, which tells that the list goes on. */
export interface ProductSlice {
  /** From the list's start on, or `backward` from its end on, in that order. */
  readonly direction: "forward" | "backward";
  readonly limit: number;
  readonly after?: ProductPosition;
  readonly before?: ProductPosition;
}

export interface ListedProduct {
  readonly product: Product;
  readonly position: ProductPosition;
}

/**
 * Reads, each one query however many are asked for. What does not exist, or has none of the statuses, is not in the map.
 * A variant is found as the product it belongs to.
 */
export interface CatalogueReader {
  productsByIds(ids: readonly string[], statuses: readonly ProductStatus[]): Promise<ReadonlyMap<string, Product>>;
  productsBySlugs(slugs: readonly string[], statuses: readonly ProductStatus[]): Promise<ReadonlyMap<string, Product>>;
  byVariantIds(ids: readonly string[], statuses: readonly ProductStatus[]): Promise<ReadonlyMap<string, Product>>;
  byVariantSkus(skus: readonly string[], statuses: readonly ProductStatus[]): Promise<ReadonlyMap<string, Product>>;
  list(filter: ProductFilter, sort: ProductSort, slice: ProductSlice): Promise<readonly ListedProduct[]>;
  count(filter: ProductFilter): Promise<number>;

  categoriesByIds(ids: readonly string[]): Promise<ReadonlyMap<string, Category>>;
  categoriesBySlugs(slugs: readonly string[]): Promise<ReadonlyMap<string, Category>>;
  /** By name. `null` stands for the top of the tree. */
  childrenOf(parentIds: readonly (string | null)[]): Promise<ReadonlyMap<string | null, readonly Category[]>>;
  /** Ids of a category and of all below it; empty when there is none of that slug. */
  subtree(slug: string): Promise<readonly string[]>;
}

export interface CreationKey {
  readonly key: string;
  /** Equal for requests that ask for the same. */
  readonly fingerprint: string;
}

export type Creation =
  | { readonly created: Product }
  /** Another request with the same key was first. */
  | { readonly earlier: { readonly product: Product; readonly fingerprint: string } }
  | { readonly slugTaken: string }
  | { readonly skuTaken: string };

/** Writes. Each changes one product and its outbox in one atomic update. */
export interface ProductStore {
  create(product: Product, creation: CreationKey | undefined, origin: Origin): Promise<Creation>;
  findByVariantId(variantId: string): Promise<Product | undefined>;
  findById(productId: string): Promise<Product | undefined>;
  /** @returns undefined when the product does not have `expectedVersion` any more */
  reprice(
    product: Product,
    change: { variantId: string; price: Price; expectedVersion: number },
    origin: Origin,
  ): Promise<Product | undefined>;
  /** @returns undefined when the product does not have `expectedVersion` any more */
  changeStatus(productId: string, status: ProductStatus, expectedVersion: number): Promise<Product | undefined>;
  /**
   * Moves `onHand` from the number seen to another one, whatever is reserved meanwhile.
   * @returns undefined when `onHand` is not `from` any more, or `to` is less than what is reserved
   */
  moveOnHand(variantId: string, from: number, to: number, origin: Origin): Promise<Product | undefined>;
}
