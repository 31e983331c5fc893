import { defineEvent } from "./define-event";

export interface StockRejectedData {
  orderId: string;
  reason: "OUT_OF_STOCK" | "PRODUCT_UNAVAILABLE";
  /** The lines that could not be served. */
  variantIds: string[];
}

export const stockRejected = defineEvent<StockRejectedData>({
  type: "products.stock.rejected.v1",
  description: "An order cannot have its units; nothing is set aside for it.",
  publisher: "products",
  listeners: ["orders.on-stock-rejected"],
  schema: {
    type: "object",
    required: ["orderId", "reason", "variantIds"],
    properties: {
      orderId: { type: "string", format: "uuid" },
      reason: { type: "string", enum: ["OUT_OF_STOCK", "PRODUCT_UNAVAILABLE"] },
      variantIds: { type: "array", items: { type: "string", format: "uuid" } },
    },
  },
});
