import { defineEvent } from "./define-event";
import { type MoneyData, moneySchema } from "./money-schema";

export interface VariantRepricedData {
  productId: string;
  variantId: string;
  oldPrice: MoneyData;
  newPrice: MoneyData;
  /** The product's status at that moment; absent in events from before it was told. */
  productStatus?: "DRAFT" | "PUBLISHED" | "ARCHIVED";
}

export const variantRepriced = defineEvent<VariantRepricedData>({
  type: "products.variant.repriced.v1",
  description: "Staff changed the price of a variant; orders placed before keep theirs.",
  publisher: "products",
  listeners: [],
  schema: {
    type: "object",
    required: ["productId", "variantId", "oldPrice", "newPrice"],
    properties: {
      productId: { type: "string", format: "uuid" },
      variantId: { type: "string", format: "uuid" },
      oldPrice: moneySchema,
      newPrice: moneySchema,
      productStatus: { type: "string", enum: ["DRAFT", "PUBLISHED", "ARCHIVED"], nullable: true },
    },
  },
});
