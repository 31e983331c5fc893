/** An amount in the smallest unit of its currency. */
export interface Price {
  readonly amountMinor: number;
  readonly currency: Currency;
}

export const CURRENCIES = ["EUR", "USD", "GBP"] as const;
export type Currency = (typeof CURRENCIES)[number];

export const PRODUCT_STATUSES = ["DRAFT", "PUBLISHED", "ARCHIVED"] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** What the shop shows; it is sold as one of its variants. */
export interface Product {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly status: ProductStatus;
  readonly categoryId: string;
  /** At least one; all prices are in one currency. */
  readonly variants: readonly Variant[];
  readonly createdAt: Date;
  /** 1 when created, one more with each edit by staff. Stock moves without it. */
  readonly version: number;
}

/** The sellable unit. Always `available = onHand - reserved`, and none of the three is negative. */
export interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly options: readonly VariantOption[];
  readonly price: Price;
  readonly weightGrams: number;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

export interface VariantOption {
  readonly name: string;
  readonly value: string;
}

/** Categories form a tree. */
export interface Category {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly parentId: string | null;
}

export const priceRange = ({ variants }: Pick<Product, "variants">): { min: Price; max: Price } => {
  const byAmount = variants.map(({ price }) => price).sort((a, b) => a.amountMinor - b.amountMinor);
  const [min, max] = [byAmount[0], byAmount.at(-1)];
  if (!min || !max) throw new Error("a product has at least one variant");
  return { min, max };
};
