import { conflict } from "../../../kit/errors";
import { isId } from "../../../kit/ids";
import { requireScope, type Viewer } from "../../../kit/viewer";
import { WRITE_PRODUCTS } from "./access";
import type { ProductStore } from "./catalogue";
import type { Origin } from "./origin";
import type { Product } from "./product";
import { checkUnits } from "./product-rules";
import { type SetStockRefusal, variantNotFound } from "./refusals";

export interface SetStockInput {
  readonly variantId: string;
  /** Units in the warehouse, those that are reserved included. */
  readonly onHand: number;
}

const ATTEMPTS = 5;

/**
 * Staff say how many units there are. Reservations may happen at the same time: the units move by the difference, and never below
 * what is reserved.
 * @throws ClientError UNAUTHENTICATED or FORBIDDEN; CONFLICT when others keep setting the same stock
 */
export async function setStock(
  { store }: { store: ProductStore },
  viewer: Viewer,
  { variantId, onHand }: SetStockInput,
  origin: Origin,
): Promise<Product | SetStockRefusal> {
  requireScope(viewer, WRITE_PRODUCTS);
  const broken = checkUnits(onHand, ["onHand"]);
  if (broken) return broken;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const product = isId(variantId) ? await store.findByVariantId(variantId) : undefined;
    const variant = product?.variants.find(({ id }) => id === variantId);
    if (!product || !variant) return variantNotFound();
    if (variant.onHand === onHand) return product;
    if (onHand < variant.reserved) {
      return {
        refusal: "STOCK_RESERVED",
        message: "More units than that are reserved by orders.",
        path: ["input", "onHand"],
        reserved: variant.reserved,
      };
    }
    const moved = await store.moveOnHand(variantId, variant.onHand, onHand, origin);
    if (moved) return moved;
  }
  throw conflict("The stock of this variant keeps changing; try again in a moment.");
}
