import { defineEvent } from "./define-event";

export interface OrderCancelledData {
  orderId: string;
  userId: string;
  reason: "OUT_OF_STOCK" | "CUSTOMER_REQUEST" | "STAFF_REQUEST" | "PRODUCT_UNAVAILABLE";
}

export const orderCancelled = defineEvent<OrderCancelledData>({
  type: "orders.order.cancelled.v1",
  description: "An order ended without being fulfilled; what was reserved for it is free again.",
  publisher: "orders",
  listeners: ["products.on-order-cancelled"],
  schema: {
    type: "object",
    required: ["orderId", "userId", "reason"],
    properties: {
      orderId: { type: "string", format: "uuid" },
      userId: { type: "string", format: "uuid" },
      reason: { type: "string", enum: ["OUT_OF_STOCK", "CUSTOMER_REQUEST", "STAFF_REQUEST", "PRODUCT_UNAVAILABLE"] },
    },
  },
});
