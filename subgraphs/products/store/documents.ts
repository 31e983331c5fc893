import type { Db } from "mongodb";
import type { WithOutbox } from "../../../kit/mongo/document-outbox";
import type { Category, Product, Variant } from "../domain/product";
import type { RejectionReason, ReservationState, StockLine } from "../domain/stock-store";

/** A product as it is stored: with its variants, its waiting events, and who has units of it set aside. */
export interface ProductDocument extends Omit<Product, "id" | "variants">, WithOutbox {
  _id: string;
  variants: Variant[];
  /** Ids of the orders for which units of this product are set aside: makes setting aside and putting back happen once. */
  reservedFor: string[];
  /** What the document is found and sorted by; follows from the rest. */
  sortName: string;
  minAmountMinor: number;
  words: string[];
  /** Of the request that created it, when that one gave a key. */
  creation?: { key: string; fingerprint: string };
}

export interface CategoryDocument extends Omit<Category, "id"> {
  _id: string;
  /** Ids from the top of the tree down to the category itself: whoever has an id in it is in that category's subtree. */
  path: string[];
}

export interface ReservationDocument extends WithOutbox {
  _id: string;
  state: ReservationState;
  lines: StockLine[];
  createdAt: Date;
  reason?: RejectionReason;
  /** When it was rejected or released. */
  endedAt?: Date;
}

export const PRODUCTS = "products";
export const CATEGORIES = "categories";
export const RESERVATIONS = "reservations";

export const productsOf = (db: Db) => db.collection<ProductDocument>(PRODUCTS);
export const categoriesOf = (db: Db) => db.collection<CategoryDocument>(CATEGORIES);
export const reservationsOf = (db: Db) => db.collection<ReservationDocument>(RESERVATIONS);

/** The fields of a product that may leave the store. A list of what may, so that a new inner field stays inside. */
export const PRODUCT_PROJECTION = {
  _id: 1,
  slug: 1,
  name: 1,
  description: 1,
  status: 1,
  categoryId: 1,
  variants: 1,
  createdAt: 1,
  version: 1,
} as const;

export type ProductRow = Pick<ProductDocument, keyof typeof PRODUCT_PROJECTION>;

export const toProduct = ({ _id, ...product }: ProductRow): Product => ({ id: _id, ...product });

export const toCategory = ({ _id, slug, name, parentId }: CategoryDocument): Category => ({
  id: _id,
  slug,
  name,
  parentId,
});
