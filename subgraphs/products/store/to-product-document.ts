import type { EventMessage } from "../../../kit/amqp/event-message";
import type { CreationKey } from "../domain/catalogue";
import { priceRange, type Product } from "../domain/product";
import { wordsOf } from "../domain/search-words";
import type { ProductDocument } from "./documents";

/** A new product as it is stored. */
export function toProductDocument(
  { id, variants, ...product }: Product,
  outbox: EventMessage[],
  creation?: CreationKey,
): ProductDocument {
  return {
    _id: id,
    ...product,
    variants: [...variants],
    sortName: toSortName(product.name),
    minAmountMinor: priceRange({ variants }).min.amountMinor,
    words: wordsOf(
      product.name,
      ...variants.flatMap(({ sku, title, options }) => [sku, title, ...options.map(({ value }) => value)]),
      product.description,
    ),
    reservedFor: [],
    outbox,
    ...(creation && { creation: { ...creation } }),
  };
}

/** Names sorted byte by byte in this form come as people expect: without regard to capitals and accents. */
const toSortName = (name: string): string => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
