import type { Document, Filter } from "mongodb";
import type { ProductFilter, ProductPosition, ProductSlice, ProductSort } from "../domain/catalogue";
import type { ProductDocument } from "./documents";

/** One list of products as MongoDB is asked for it. */
export interface ListQuery {
  readonly filter: Filter<ProductDocument>;
  readonly sort: Record<string, 1 | -1>;
}

interface Order {
  /** What the list is sorted by before the id; nothing when the id alone gives the order. */
  readonly field: "sortName" | "minAmountMinor" | undefined;
  readonly direction: 1 | -1;
}

/** Ids are UUIDv7: their order is the order of creation. Each of these has an index in migrations/. */
const ORDERS: { readonly [Sort in ProductSort]: Order } = {
  NEWEST: { field: undefined, direction: -1 },
  NAME: { field: "sortName", direction: 1 },
  PRICE_LOW_TO_HIGH: { field: "minAmountMinor", direction: 1 },
  PRICE_HIGH_TO_LOW: { field: "minAmountMinor", direction: -1 },
};

export function toFilter({ statuses, categoryIds, words, inStock }: ProductFilter): Filter<ProductDocument> {
  const conditions: Document[] = [{ status: statuses.length === 1 ? statuses[0] : { $in: [...statuses] } }];
  if (categoryIds) conditions.push({ categoryId: { $in: [...categoryIds] } });
  // A word has letters and digits only, so there is nothing to escape; an anchored expression is a range of the index.
  for (const word of words ?? []) conditions.push({ words: new RegExp(`^${word}`) });
  if (inStock !== undefined) conditions.push({ "variants.available": inStock ? { $gt: 0 } : { $not: { $gt: 0 } } });
  return { $and: conditions };
}

export function toListQuery(filter: ProductFilter, sort: ProductSort, slice: ProductSlice): ListQuery {
  const order = ORDERS[sort];
  const forward = slice.direction === "forward";
  const bounds = [
    ...(slice.after ? [beyond(order, slice.after, order.direction)] : []),
    ...(slice.before ? [beyond(order, slice.before, order.direction === 1 ? -1 : 1)] : []),
  ];
  const direction = forward ? order.direction : order.direction === 1 ? -1 : 1;
  return {
    filter: { $and: [toFilter(filter), ...bounds] } as Filter<ProductDocument>,
    sort: { ...(order.field && { [order.field]: direction }), _id: direction },
  };
}

/** Rows that come after a position, when rows come in this direction. */
function beyond({ field }: Order, { value, id }: ProductPosition, direction: 1 | -1): Document {
  const than = direction === 1 ? "$gt" : "$lt";
  const idBeyond = { _id: { [than]: id } };
  if (!field) return idBeyond;
  // The first condition follows from the other two; it is there because it bounds the index.
  return { $and: [{ [field]: { [`${than}e`]: value } }, { $or: [{ [field]: { [than]: value } }, idBeyond] }] };
}

/** The place of a row in a list. */
export function positionOf(
  { _id: id, ...row }: Pick<ProductDocument, "_id" | "sortName" | "minAmountMinor">,
  sort: ProductSort,
): ProductPosition {
  const { field } = ORDERS[sort];
  return field ? { sort, value: row[field], id } : { sort, id };
}
