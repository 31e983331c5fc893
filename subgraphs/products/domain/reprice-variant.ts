import { conflict } from "../../../kit/errors";
import { isId } from "../../../kit/ids";
import { requireScope, type Viewer } from "../../../kit/viewer";
import { WRITE_PRODUCTS } from "./access";
import type { ProductStore } from "./catalogue";
import type { Origin } from "./origin";
import type { Price, Product } from "./product";
import { checkPrice } from "./product-rules";
import { invalidInput, type RepriceVariantRefusal, variantNotFound, versionConflict } from "./refusals";

export interface RepriceVariantInput {
  readonly variantId: string;
  readonly price: Price;
  /** The version that the caller has seen; without it the last one to write wins. */
  readonly expectedVersion?: number | null | undefined;
}

const ATTEMPTS = 5;

/**
 * Staff change the price of a variant; orders placed before keep theirs. `products.variant.repriced.v1` goes out with it, unless the
 * price is the same as before: then nothing changes.
 * @throws ClientError UNAUTHENTICATED or FORBIDDEN; CONFLICT when others keep changing the product
 */
export async function repriceVariant(
  { store }: { store: ProductStore },
  viewer: Viewer,
  { variantId, price, expectedVersion = null }: RepriceVariantInput,
  origin: Origin,
): Promise<Product | RepriceVariantRefusal> {
  requireScope(viewer, WRITE_PRODUCTS);
  const broken = checkPrice(price, ["price"]);
  if (broken) return broken;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const product = isId(variantId) ? await store.findByVariantId(variantId) : undefined;
    const variant = product?.variants.find(({ id }) => id === variantId);
    if (!product || !variant) return variantNotFound();
    if (expectedVersion !== null && product.version !== expectedVersion) return versionConflict(product.version);
    if (variant.price.amountMinor === price.amountMinor && variant.price.currency === price.currency) return product;
    if (product.variants.some((other) => other.id !== variantId && other.price.currency !== price.currency)) {
      return invalidInput("All variants of a product are priced in one currency.", "price", "currency");
    }
    const repriced = await store.reprice(product, { variantId, price, expectedVersion: product.version }, origin);
    if (repriced) return repriced;
  }
  throw conflict("The product keeps changing; try again in a moment.");
}
