import { DEMO_VARIANT } from "../../schema/demo";
import type { Platform } from "./platform";

interface Priced {
  productVariant: { price: { amountMinor: number; currency: string } };
}

/** What the demo variant costs. */
export async function readPrice(platform: Platform): Promise<Priced["productVariant"]["price"]> {
  const query = "query ($id: ID!) { productVariant(id: $id) { price { amountMinor currency } } }";
  const { body } = await platform.graphql<Priced>(query, { id: DEMO_VARIANT.variantId });
  if (!body.data) throw new Error(`the price could not be read: ${JSON.stringify(body)}`);
  return body.data.productVariant.price;
}

/** Gives the demo variant another price in its currency. @param token of staff */
export async function reprice(platform: Platform, token: string, amountMinor: number): Promise<void> {
  const { currency } = await readPrice(platform);
  const mutation = "mutation ($input: RepriceVariantInput!) { repriceVariant(input: $input) { __typename } }";
  const input = { variantId: DEMO_VARIANT.variantId, price: { amountMinor, currency } };
  const { body } = await platform.graphql(mutation, { input }, token);
  expect(body.data).toEqual({ repriceVariant: { __typename: "RepriceVariantSuccess" } });
}
