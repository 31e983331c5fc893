import { defineEvent } from "./define-event";

export interface OrderConfirmedData {
  orderId: string;
  userId: string;
}

export const orderConfirmed = defineEvent<OrderConfirmedData>({
  type: "orders.order.confirmed.v1",
  description: "The stock of an order is reserved; the order is confirmed.",
  publisher: "orders",
  listeners: [],
  schema: {
    type: "object",
    required: ["orderId", "userId"],
    properties: { orderId: { type: "string", format: "uuid" }, userId: { type: "string", format: "uuid" } },
  },
});
