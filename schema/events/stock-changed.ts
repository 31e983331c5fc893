import { defineEvent } from "./define-event";

export interface StockChangedData {
  productId: string;
  variantId: string;
  sku: string;
  /** Units that can be ordered now. */
  available: number;
  /** As many as could be ordered right before. */
  availableBefore: number;
}

export const stockChanged = defineEvent<StockChangedData>({
  type: "products.stock.changed.v1",
  description: "More or fewer units of a variant can be ordered than before.",
  publisher: "products",
  listeners: [],
  schema: {
    type: "object",
    required: ["productId", "variantId", "sku", "available", "availableBefore"],
    properties: {
      productId: { type: "string", format: "uuid" },
      variantId: { type: "string", format: "uuid" },
      sku: { type: "string" },
      available: { type: "integer", minimum: 0 },
      availableBefore: { type: "integer", minimum: 0 },
    },
  },
});
