import type { Document } from "mongodb";
import { OUTBOX_INDEX } from "../../../../kit/mongo/document-outbox";
import { CATEGORIES, PRODUCTS, RESERVATIONS } from "../documents";
import { ensureCollection } from "./ensure-collection";
import type { Migration } from "./migration";

const text = { bsonType: "string" };
const filledText = { bsonType: "string", minLength: 1 };
const count = { bsonType: ["int", "long"], minimum: 0 };
const listOf = (items: Document, minItems = 0) => ({ bsonType: "array", minItems, items });
const shape = (properties: Record<string, Document>, optional: Record<string, Document> = {}) => ({
  bsonType: "object",
  required: Object.keys(properties),
  properties: { ...properties, ...optional },
});

const outbox = listOf(shape({ id: filledText, type: filledText, subject: filledText, time: filledText }));
const variant = shape({
  id: filledText,
  sku: filledText,
  title: filledText,
  options: listOf(shape({ name: filledText, value: filledText })),
  price: shape({ amountMinor: count, currency: { bsonType: "string", pattern: "^[A-Z]{3}$" } }),
  weightGrams: count,
  onHand: count,
  reserved: count,
  // The last line of defence behind the guards of each update: nothing is sold that is not there.
  available: count,
});
const product = shape(
  {
    _id: filledText,
    slug: filledText,
    name: filledText,
    description: text,
    status: { enum: ["DRAFT", "PUBLISHED", "ARCHIVED"] },
    categoryId: filledText,
    variants: listOf(variant, 1),
    createdAt: { bsonType: "date" },
    version: { bsonType: ["int", "long"], minimum: 1 },
    sortName: text,
    minAmountMinor: count,
    words: listOf(filledText),
    reservedFor: listOf(filledText),
    outbox,
  },
  { creation: shape({ key: filledText, fingerprint: filledText }) },
);
const category = shape({
  _id: filledText,
  slug: filledText,
  name: filledText,
  parentId: { bsonType: ["string", "null"] },
  path: listOf(filledText, 1),
});
const line = shape({
  productId: filledText,
  variantId: filledText,
  quantity: { bsonType: ["int", "long"], minimum: 1 },
});
const reservation = shape(
  {
    _id: filledText,
    state: { enum: ["PENDING", "RESERVED", "REJECTED", "RELEASED"] },
    lines: listOf(line),
    createdAt: { bsonType: "date" },
    outbox,
  },
  { reason: { enum: ["OUT_OF_STOCK", "PRODUCT_UNAVAILABLE"] }, endedAt: { bsonType: "date" } },
);

/** Lists start with `status`, because nobody's list is without it. */
export const catalogueAndStock: Migration = {
  name: "0001-catalogue-and-stock",
  run: async (db) => {
    await ensureCollection(db, PRODUCTS, product, [
      { name: "slug", key: { slug: 1 }, unique: true },
      { name: "variants_id", key: { "variants.id": 1 }, unique: true },
      { name: "variants_sku", key: { "variants.sku": 1 }, unique: true },
      { name: "creation_key", key: { "creation.key": 1 }, unique: true, sparse: true },
      { name: "newest", key: { status: 1, _id: -1 } },
      { name: "by_name", key: { status: 1, sortName: 1, _id: 1 } },
      { name: "by_price", key: { status: 1, minAmountMinor: 1, _id: 1 } },
      { name: "in_category", key: { status: 1, categoryId: 1, _id: -1 } },
      { name: "words", key: { status: 1, words: 1 } },
      OUTBOX_INDEX,
    ]);
    await ensureCollection(db, CATEGORIES, category, [
      { name: "slug", key: { slug: 1 }, unique: true },
      { name: "children", key: { parentId: 1, name: 1, _id: 1 } },
      { name: "path", key: { path: 1 } },
    ]);
    await ensureCollection(db, RESERVATIONS, reservation, [
      { name: "ended", key: { endedAt: 1 }, sparse: true },
      OUTBOX_INDEX,
    ]);
  },
};
