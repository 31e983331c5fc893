import { z } from "zod";
import type { SubgraphClient } from "../../../kit/subgraph/ask-subgraph";
import { CURRENCIES } from "../domain/money";
import type { PriceSource, Quote } from "../domain/price-source";

/** Products' published contract: its variants are entities with the key `id`. */
export const PRICES_QUERY = `query PricesForOrder($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on ProductVariant {
      id
      sku
      title
      price { amountMinor currency }
      product { id name status }
    }
  }
}`;

const variant = z.object({
  id: z.string(),
  sku: z.string(),
  title: z.string(),
  price: z.object({ amountMinor: z.int().min(0), currency: z.enum(CURRENCIES) }),
  product: z.object({ id: z.string(), name: z.string(), status: z.string() }),
});
const answer = z.object({ _entities: z.array(variant.nullable()) });

/** Prices as the products subgraph has them at this moment. */
export const createProductsPriceSource = (products: SubgraphClient): PriceSource => ({
  quote: async (variantIds, origin) => {
    const representations = variantIds.map((id) => ({ __typename: "ProductVariant", id }));
    const { _entities: found } = await products.query(PRICES_QUERY, { representations }, answer, origin);
    return new Map(found.flatMap((entity) => (entity ? [[entity.id, toQuote(entity)]] : [])));
  },
});

function toQuote({ id, sku, title, price, product }: z.output<typeof variant>): Quote {
  return {
    variantId: id,
    productId: product.id,
    // One product with one variant often gives both the same name.
    title: title === "" || title === product.name ? product.name : `${product.name}, ${title}`,
    sku,
    price,
    forSale: product.status === "PUBLISHED",
  };
}
