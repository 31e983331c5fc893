import { defineEvent } from "./define-event";

export interface ProductCreatedData {
  productId: string;
  slug: string;
}

export const productCreated = defineEvent<ProductCreatedData>({
  type: "products.product.created.v1",
  description: "Staff created a product.",
  publisher: "products",
  listeners: [],
  schema: {
    type: "object",
    required: ["productId", "slug"],
    properties: { productId: { type: "string", format: "uuid" }, slug: { type: "string" } },
  },
});
