import type { Db, MongoServerError } from "mongodb";
import { inUpdateSpan } from "../../../kit/mongo/in-update-span";
import { productCreated } from "../../../schema/events/product-created";
import { variantRepriced } from "../../../schema/events/variant-repriced";
import type { Creation, CreationKey, ProductStore } from "../domain/catalogue";
import { priceRange, type Product } from "../domain/product";
import { moveUnits } from "./move-units";
import { PRODUCT_PROJECTION, type ProductRow, productsOf, toProduct } from "./documents";
import { isDuplicateKey } from "./is-duplicate-key";
import { toEvent } from "./to-event";
import { toProductDocument } from "./to-product-document";

/** @param options.onCommit called when events wait to be published */
export function createMongoProductStore({ db, onCommit }: { db: Db; onCommit: () => void }): ProductStore {
  const products = productsOf(db);
  const after = { returnDocument: "after", projection: PRODUCT_PROJECTION } as const;
  const toResult = (row: ProductRow | null): Product | undefined => (row ? toProduct(row) : undefined);
  const findOne = async (filter: { _id: string } | { "variants.id": string }): Promise<Product | undefined> =>
    toResult(await products.findOne<ProductRow>(filter, { projection: PRODUCT_PROJECTION }));

  const findEarlier = async (creation: CreationKey | undefined): Promise<Creation | undefined> => {
    if (!creation) return undefined;
    const row = await products.findOne(
      { "creation.key": creation.key },
      { projection: { ...PRODUCT_PROJECTION, creation: 1 } },
    );
    if (!row?.creation) return undefined;
    const { creation: earlier, ...product } = row;
    return { earlier: { product: toProduct(product), fingerprint: earlier.fingerprint } };
  };

  return {
    create: async (product, creation, origin) => {
      const data = { productId: product.id, slug: product.slug };
      try {
        await inUpdateSpan("create product", origin, (traced) => {
          const event = toEvent(productCreated, product.id, data, traced);
          return products.insertOne(toProductDocument(product, [event], creation));
        });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // The same request sent twice collides in its slug as well as in its key, and the server names one of the two.
        const earlier = await findEarlier(creation);
        return earlier ?? takenBy(error, product);
      }
      onCommit();
      return { created: product };
    },

    findByVariantId: (variantId) => findOne({ "variants.id": variantId }),
    findById: (productId) => findOne({ _id: productId }),

    reprice: async (product, { variantId, price, expectedVersion }, origin) => {
      const oldPrice = product.variants.find(({ id }) => id === variantId)?.price;
      if (!oldPrice) throw new Error("the product to reprice does not have the variant");
      const data = {
        productId: product.id,
        variantId,
        oldPrice,
        newPrice: price,
        productStatus: product.status,
      };
      const variants = product.variants.map((variant) => (variant.id === variantId ? { ...variant, price } : variant));
      // The version holds what was read of the other variants' prices, so the lowest price is right too.
      const row = await inUpdateSpan("reprice variant", origin, (traced) =>
        products.findOneAndUpdate(
          { _id: product.id, version: expectedVersion },
          {
            $set: {
              "variants.$[variant].price": price,
              minAmountMinor: priceRange({ variants }).min.amountMinor,
            },
            $inc: { version: 1 },
            $push: { outbox: toEvent(variantRepriced, product.id, data, traced) },
          },
          { ...after, arrayFilters: [{ "variant.id": variantId }] },
        ),
      );
      if (row) onCommit();
      return toResult(row);
    },

    changeStatus: async (productId, status, expectedVersion) =>
      toResult(
        await products.findOneAndUpdate(
          { _id: productId, version: expectedVersion },
          { $set: { status }, $inc: { version: 1 } },
          after,
        ),
      ),

    moveOnHand: async (variantId, from, to, origin) => {
      const difference = to - from;
      // Relative, so that a reservation between reading and writing is not lost; `available` may not go below zero.
      const guard = { id: variantId, onHand: from, available: { $gte: -difference } };
      const row = await inUpdateSpan("set stock", origin, (traced) =>
        products.findOneAndUpdate(
          { variants: { $elemMatch: guard } },
          moveUnits([{ variantId, onHand: difference }], traced),
          after,
        ),
      );
      if (row) onCommit();
      return toResult(row);
    },
  };
}

/** What an E11000 collided with. https://www.mongodb.com/docs/manual/core/index-unique/ */
function takenBy(error: MongoServerError, { slug, variants }: Product): Creation {
  const { slug: slugTaken, "variants.sku": skuTaken } = (error.keyValue ?? {}) as Record<string, unknown>;
  if (slugTaken === slug) return { slugTaken };
  if (typeof skuTaken === "string" && variants.some(({ sku }) => sku === skuTaken)) return { skuTaken };
  throw error;
}
