import type { Db } from "mongodb";
import { newId } from "../../../kit/ids";
import type { Product, Variant } from "../domain/product";
import { categoriesOf, type CategoryDocument, productsOf } from "../store/documents";
import { toProductDocument } from "../store/to-product-document";

let count = 0;

export function makeVariant(given: Partial<Variant> = {}): Variant {
  const onHand = given.onHand ?? 10;
  return {
    id: newId(),
    sku: `SKU-${++count}`,
    title: `Variant ${count}`,
    options: [],
    price: { amountMinor: 1_000, currency: "EUR" },
    weightGrams: 100,
    onHand,
    reserved: 0,
    available: onHand - (given.reserved ?? 0),
    ...given,
  };
}

export function makeProduct(given: Partial<Product> = {}): Product {
  const id = given.id ?? newId();
  return {
    id,
    slug: `product-${id}`,
    name: `Product ${++count}`,
    description: "",
    status: "PUBLISHED",
    categoryId: newId(),
    variants: [makeVariant()],
    createdAt: new Date(),
    version: 1,
    ...given,
  };
}

/** Puts products into the store behind the API's back. */
export async function store(db: Db, ...products: readonly Product[]): Promise<void> {
  await productsOf(db).insertMany(products.map((product) => toProductDocument(product, [])));
}

export async function storeCategory(
  db: Db,
  slug: string,
  parent?: CategoryDocument,
  name = slug,
): Promise<CategoryDocument> {
  const id = newId();
  const category = { _id: id, slug, name, parentId: parent?._id ?? null, path: [...(parent?.path ?? []), id] };
  await categoriesOf(db).insertOne(category);
  return category;
}
