import { randomUUID } from "node:crypto";
import { PlaceOrderDocument } from "../../schema/generated/web";
import type { GraphqlClient } from "./graphql-client";

export interface Line {
  readonly variantId: string;
  readonly quantity: number;
}

/** @returns the placed order @throws Error with the whole answer when it was refused */
export async function placeOrder(
  client: GraphqlClient,
  token: string,
  lines: readonly Line[],
  idempotencyKey: string = randomUUID(),
) {
  const { body } = await client.graphql(PlaceOrderDocument, { lines: [...lines], idempotencyKey }, token);
  if (body.data?.placeOrder.__typename !== "PlaceOrderSuccess") {
    throw new Error(`the order was not placed: ${JSON.stringify(body)}`);
  }
  return body.data.placeOrder.order;
}

export interface SeenOrder {
  readonly id: string;
  readonly status: "PENDING" | "CONFIRMED" | "CANCELLED";
  readonly cancelReason: string | null;
  readonly lines: readonly { readonly quantity: number }[];
}

/** @returns the order as `token` may see it */
export async function readOrder(client: GraphqlClient, token: string, id: string): Promise<SeenOrder | null> {
  const query = "query ($id: ID!) { order(id: $id) { id status cancelReason lines { quantity } } }";
  const { body } = await client.graphql<{ order: SeenOrder | null }>(query, { id }, token);
  if (!body.data) throw new Error(`the order could not be read: ${JSON.stringify(body)}`);
  return body.data.order;
}

export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

/** @param token of staff: only they see what is on hand and reserved */
export async function readStock(client: GraphqlClient, token: string, variantId: string): Promise<Stock> {
  const query = "query ($id: ID!) { productVariant(id: $id) { onHand reserved available } }";
  const { body } = await client.graphql<{ productVariant: Stock | null }>(query, { id: variantId }, token);
  if (!body.data?.productVariant || body.errors) {
    throw new Error(`the stock could not be read: ${JSON.stringify(body)}`);
  }
  return body.data.productVariant;
}

/** @param token of staff */
export async function setStock(client: GraphqlClient, token: string, variantId: string, onHand: number): Promise<void> {
  const mutation = "mutation ($input: SetStockInput!) { setStock(input: $input) { __typename } }";
  const { body } = await client.graphql<{ setStock: { __typename: string } }>(
    mutation,
    { input: { variantId, onHand } },
    token,
  );
  if (body.data?.setStock.__typename !== "SetStockSuccess") {
    throw new Error(`the stock could not be set: ${JSON.stringify(body)}`);
  }
}
