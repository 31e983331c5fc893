import { registerEnumType } from "type-graphql";
import { PRODUCT_SORTS } from "../domain/catalogue";
import { PRODUCT_STATUSES } from "../domain/product";

const enumOf = <Value extends string>(values: readonly Value[]) =>
  Object.fromEntries(values.map((value) => [value, value])) as { readonly [V in Value]: V };

export const ProductStatusEnum = enumOf(PRODUCT_STATUSES);
registerEnumType(ProductStatusEnum, {
  name: "ProductStatus",
  description: "Who sees a product, and whether it is sold.",
  valuesConfig: {
    DRAFT: { description: "Being prepared: seen by staff only." },
    PUBLISHED: { description: "Seen by everyone, and for sale." },
    ARCHIVED: { description: "Taken out of sale: seen by staff only." },
  },
});

export const ProductSortEnum = enumOf(PRODUCT_SORTS);
registerEnumType(ProductSortEnum, {
  name: "ProductSort",
  description: "The order of a list of products.",
  valuesConfig: {
    NEWEST: { description: "The latest first." },
    NAME: { description: "By name, from A to Z." },
    PRICE_LOW_TO_HIGH: { description: "By the amount of the cheapest variant, the lowest first." },
    PRICE_HIGH_TO_LOW: { description: "By the amount of the cheapest variant, the highest first." },
  },
});
