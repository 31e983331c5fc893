import { defineEvent } from "./define-event";

export interface OrderPlacedData {
  orderId: string;
  userId: string;
  lines: { variantId: string; productId: string; quantity: number }[];
}

export const orderPlaced = defineEvent<OrderPlacedData>({
  type: "orders.order.placed.v1",
  description: "A customer placed an order, which waits for its stock.",
  publisher: "orders",
  listeners: ["products.on-order-placed"],
  schema: {
    type: "object",
    required: ["orderId", "userId", "lines"],
    properties: {
      orderId: { type: "string", format: "uuid" },
      userId: { type: "string", format: "uuid" },
      lines: {
        type: "array",
        minItems: 1,
        items: {
          type: "object",
          required: ["variantId", "productId", "quantity"],
          properties: {
            variantId: { type: "string", format: "uuid" },
            productId: { type: "string", format: "uuid" },
            quantity: { type: "integer", minimum: 1 },
          },
        },
      },
    },
  },
});
