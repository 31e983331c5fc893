import { z } from "zod";
import { isId } from "../../../kit/ids";
import {
  createConnectionType,
  createPage,
  type Page,
  type PageArgs,
  parsePageArgs,
} from "../../../kit/subgraph/connection";
import type { ProductPosition, ProductSort } from "../domain/catalogue";
import type { ProductList } from "../domain/list-products";
import type { Product } from "../domain/product";
import { ProductType } from "./product-type";

export const ProductConnection = createConnectionType("Product", () => ProductType);
export type ProductPage = Page<Product>;

const id = z.string().refine(isId);

/** A cursor holds the sort it was made for: it is a place in that order and in no other. */
const POSITIONS: { readonly [Sort in ProductSort]: z.ZodType<ProductPosition> } = {
  NEWEST: z.strictObject({ sort: z.literal("NEWEST"), id }),
  NAME: z.strictObject({ sort: z.literal("NAME"), value: z.string(), id }),
  PRICE_LOW_TO_HIGH: z.strictObject({ sort: z.literal("PRICE_LOW_TO_HIGH"), value: z.int(), id }),
  PRICE_HIGH_TO_LOW: z.strictObject({ sort: z.literal("PRICE_HIGH_TO_LOW"), value: z.int(), id }),
};

/** @throws ClientError BAD_USER_INPUT naming the argument */
export async function readProductPage(args: PageArgs, sort: ProductSort, list: ProductList): Promise<ProductPage> {
  const request = parsePageArgs(args, POSITIONS[sort]);
  return createPage({
    request,
    rows: await list.read(sort, request),
    keyOf: ({ position }) => position,
    toNode: ({ product }) => product,
    countAll: () => list.count(),
  });
}
