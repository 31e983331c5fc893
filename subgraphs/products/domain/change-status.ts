import { conflict } from "../../../kit/errors";
import { isId } from "../../../kit/ids";
import { requireScope, type Viewer } from "../../../kit/viewer";
import { WRITE_PRODUCTS } from "./access";
import type { ProductStore } from "./catalogue";
import type { Product, ProductStatus } from "./product";
import { type ChangeStatusRefusal, productNotFound, versionConflict } from "./refusals";

export interface ChangeStatusInput {
  readonly productId: string;
  readonly expectedVersion?: number | null | undefined;
}

const ATTEMPTS = 5;

/**
 * Staff publish or archive a product, from whatever status it has. Doing so twice changes nothing the second time.
 * @throws ClientError UNAUTHENTICATED or FORBIDDEN; CONFLICT when others keep changing the product
 */
export async function changeStatus(
  { store }: { store: ProductStore },
  viewer: Viewer,
  { productId, expectedVersion = null }: ChangeStatusInput,
  status: ProductStatus,
): Promise<Product | ChangeStatusRefusal> {
  requireScope(viewer, WRITE_PRODUCTS);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const product = isId(productId) ? await store.findById(productId) : undefined;
    if (!product) return productNotFound();
    if (expectedVersion !== null && product.version !== expectedVersion) return versionConflict(product.version);
    if (product.status === status) return product;
    const changed = await store.changeStatus(productId, status, product.version);
    if (changed) return changed;
  }
  throw conflict("The product keeps changing; try again in a moment.");
}
