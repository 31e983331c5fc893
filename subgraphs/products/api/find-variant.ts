import type { ProductsLoaders } from "./loaders";
import { toVariantNode, type VariantNode } from "./variant-type";

/** A variant by one of its keys; null when there is none that the viewer may see. */
export async function findVariant(
  loaders: ProductsLoaders,
  key: { readonly id: string } | { readonly sku: string },
): Promise<VariantNode | null> {
  const product = await ("id" in key ? loaders.productOfVariant(key.id) : loaders.productOfSku(key.sku));
  const variant = product?.variants.find(({ id, sku }) => ("id" in key ? id === key.id : sku === key.sku));
  return product && variant ? toVariantNode(product, variant) : null;
}
