import { z } from "zod";
import {
  createConnectionType,
  createPage,
  type Page,
  type PageArgs,
  parsePageArgs,
} from "../../../kit/subgraph/connection";
import type { Order } from "../domain/order";
import type { OrderPosition, OrderSlice } from "../domain/order-store";
import { OrderType } from "./order-type";

export const OrderConnection = createConnectionType("Order", () => OrderType);
export type OrderPage = Page<Order>;

const position: z.ZodType<OrderPosition> = z.object({
  placedAt: z.iso.datetime().transform((text) => new Date(text)),
  id: z.uuid(),
});

/** @throws ClientError BAD_USER_INPUT naming the argument */
export async function readOrderPage(
  args: PageArgs,
  list: { read: (slice: OrderSlice) => Promise<readonly Order[]>; count: () => Promise<number> },
): Promise<OrderPage> {
  const request = parsePageArgs(args, position);
  return createPage({
    request,
    rows: await list.read(request),
    keyOf: ({ placedAt, id }): OrderPosition => ({ placedAt, id }),
    toNode: (order) => order,
    countAll: list.count,
  });
}
