import { defineEvent } from "./define-event";

export interface StockReservedData {
  orderId: string;
}

export const stockReserved = defineEvent<StockReservedData>({
  type: "products.stock.reserved.v1",
  description: "Every line of an order has its units set aside.",
  publisher: "products",
  listeners: ["orders.on-stock-reserved"],
  schema: {
    type: "object",
    required: ["orderId"],
    properties: { orderId: { type: "string", format: "uuid" } },
  },
});
