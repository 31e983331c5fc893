import { createHash } from "node:crypto";
import { isId, newId } from "../../../kit/ids";
import { requireScope, type Viewer } from "../../../kit/viewer";
import { WRITE_PRODUCTS } from "./access";
import type { CatalogueReader, ProductStore } from "./catalogue";
import type { Origin } from "./origin";
import type { Product } from "./product";
import { checkNewProduct, type NewProductInput } from "./product-rules";
import type { CreateProductRefusal } from "./refusals";

/**
 * Staff create a product, as a draft unless they publish it at once. `products.product.created.v1` goes out with it.
 * @throws ClientError UNAUTHENTICATED or FORBIDDEN
 */
export async function createProduct(
  ports: { reader: CatalogueReader; store: ProductStore; now: () => Date },
  viewer: Viewer,
  input: NewProductInput,
  origin: Origin,
): Promise<Product | CreateProductRefusal> {
  const { subject } = requireScope(viewer, WRITE_PRODUCTS);
  const broken = checkNewProduct(input);
  if (broken) return broken;
  const categories = isId(input.categoryId) ? await ports.reader.categoriesByIds([input.categoryId]) : undefined;
  if (!categories?.has(input.categoryId)) {
    return { refusal: "CATEGORY_NOT_FOUND", message: "There is no such category.", path: ["input", "categoryId"] };
  }

  const fingerprint = fingerprintOf(input);
  // A key means something only for the one who chose it.
  const creation =
    input.idempotencyKey == null ? undefined : { key: `${subject} ${input.idempotencyKey}`, fingerprint };
  const outcome = await ports.store.create(toProduct(input, ports.now()), creation, origin);
  if ("created" in outcome) return outcome.created;
  if ("earlier" in outcome) {
    if (outcome.earlier.fingerprint === fingerprint) return outcome.earlier.product;
    return {
      refusal: "IDEMPOTENCY_CONFLICT",
      message: "This idempotency key was used before, with other input.",
      path: ["input", "idempotencyKey"],
    };
  }
  if ("slugTaken" in outcome) {
    const slug = outcome.slugTaken;
    return { refusal: "SLUG_TAKEN", message: "Another product has this slug.", path: ["input", "slug"], slug };
  }
  const sku = outcome.skuTaken;
  const index = input.variants.findIndex((variant) => variant.sku === sku);
  const path = ["input", "variants", String(index), "sku"];
  return { refusal: "SKU_TAKEN", message: "Another variant has this SKU.", path, sku };
}

function toProduct(input: NewProductInput, createdAt: Date): Product {
  return {
    id: newId(),
    slug: input.slug,
    name: input.name.trim(),
    description: input.description?.trim() ?? "",
    status: input.publish ? "PUBLISHED" : "DRAFT",
    categoryId: input.categoryId,
    variants: input.variants.map(({ sku, title, options, price, weightGrams, onHand }) => ({
      id: newId(),
      sku,
      title: title.trim(),
      options: (options ?? []).map(({ name, value }) => ({ name: name.trim(), value: value.trim() })),
      price: { amountMinor: price.amountMinor, currency: price.currency },
      weightGrams,
      onHand: onHand ?? 0,
      reserved: 0,
      available: onHand ?? 0,
    })),
    createdAt,
    version: 1,
  };
}

/** Equal for inputs that ask for the same, in whatever order a client wrote their fields. */
function fingerprintOf({ idempotencyKey: _, ...input }: NewProductInput): string {
  const sorted = JSON.stringify(input, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(sorted).digest("hex");
}
