import { DEMO_VARIANT } from "../../schema/demo";
import { MyOrdersDocument, OrderUpdatesDocument, StorefrontDocument } from "../../schema/generated/web";
import { CUSTOMER, otherCustomer, STAFF } from "../harness/demo";
import type { Platform } from "../harness/platform";
import { placeOrder, readOrder, readStock } from "../harness/shopping";
import { waitUntil } from "../harness/wait-until";

const QUANTITY = 2;

export function tellOrderToConfirmed(platform: () => Platform): void {
  describe("an order, from the shelf to confirmed", () => {
    let token: string;
    let staff: string;
    beforeAll(async () => {
      token = await platform().signIn(CUSTOMER);
      staff = await platform().signIn(STAFF);
    });

    it("lists products with prices and stock to anybody", async () => {
      const { status, body } = await platform().graphql(StorefrontDocument, { first: 100 });
      expect(status).toBe(200);
      expect(body.errors).toBeUndefined();
      const products = body.data?.products.nodes ?? [];
      expect(products).toHaveLength(Math.min(body.data!.products.totalCount, 100));
      const mug = products.find(({ slug }) => slug === DEMO_VARIANT.productSlug);
      expect(mug?.variants).toContainEqual(
        expect.objectContaining({ id: DEMO_VARIANT.variantId, sku: DEMO_VARIANT.sku, inStock: true }),
      );
    });

    it("is seen live by its customer until it is confirmed, with fields of all three subgraphs", async () => {
      const before = await readStock(platform(), staff, DEMO_VARIANT.variantId);
      const { order, live } = await platform().whileBrokerHolds(async () => {
        const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: QUANTITY }]);
        expect(order).toMatchObject({ status: "PENDING", number: expect.stringMatching(/^T-\d{8}-\d{6,}$/) });
        const live = platform().subscribe(OrderUpdatesDocument, { orderId: order.id }, token);
        await platform().untilSubscriptions(1);
        return { order, live };
      });
      const { orderUpdated } = await live.until("CONFIRMED", (data) => data.orderUpdated.status === "CONFIRMED");
      expect(orderUpdated).toEqual({
        id: order.id,
        number: order.number,
        status: "CONFIRMED",
        cancelReason: null,
        customer: { name: CUSTOMER.name },
        lines: [
          {
            quantity: QUANTITY,
            variant: {
              sku: DEMO_VARIANT.sku,
              available: before.available - QUANTITY,
              product: { name: expect.stringMatching(/\w/) },
            },
          },
        ],
      });
      expect(live.results.every(({ errors }) => errors === undefined)).toBe(true);
      await live.close();
      await platform().untilSubscriptions(0);

      expect(await readStock(platform(), staff, DEMO_VARIANT.variantId)).toEqual({
        onHand: before.onHand,
        reserved: before.reserved + QUANTITY,
        available: before.available - QUANTITY,
      });

      const { body } = await platform().graphql(MyOrdersDocument, { first: 1 }, token);
      const [newest] = body.data?.me?.orders.nodes ?? [];
      expect(newest).toMatchObject({
        id: order.id,
        status: "CONFIRMED",
        total: { amountMinor: order.total.amountMinor },
      });
    });

    it("adds up: the total is the sum of its lines, and each line is its quantity times the price of that moment", async () => {
      const query = `query ($id: ID!) { productVariant(id: $id) { price { amountMinor currency } product { variants { id price { currency } } } } }`;
      interface Priced {
        productVariant: { price: { amountMinor: number; currency: string } };
      }
      const { body: priced } = await platform().graphql<Priced>(query, { id: DEMO_VARIANT.variantId });
      const price = priced.data!.productVariant.price;
      const placed = await placeOrder(platform(), token, [
        { variantId: DEMO_VARIANT.variantId, quantity: 1 },
        { variantId: DEMO_VARIANT.variantId, quantity: QUANTITY },
      ]);
      const order = `query ($id: ID!) { order(id: $id) {
        total { amountMinor currency } lines { quantity unitPrice { amountMinor } lineTotal { amountMinor currency } } } }`;
      const { body } = await platform().graphql(order, { id: placed.id }, token);
      const amountMinor = price.amountMinor * (QUANTITY + 1);
      expect(body.data).toEqual({
        order: {
          total: { amountMinor, currency: price.currency },
          lines: [
            {
              quantity: QUANTITY + 1,
              unitPrice: { amountMinor: price.amountMinor },
              lineTotal: { amountMinor, currency: price.currency },
            },
          ],
        },
      });
      await waitUntil("a confirmed order", async () => {
        return (await readOrder(platform(), token, placed.id))?.status === "CONFIRMED";
      });
    });

    it("is nobody else's business: another customer can neither read nor watch nor cancel it", async () => {
      const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }]);
      const stranger = await platform().signIn(otherCustomer(1));
      expect(await readOrder(platform(), stranger, order.id)).toBeNull();
      expect((await readOrder(platform(), staff, order.id))?.id).toBe(order.id);

      const live = platform().subscribe(OrderUpdatesDocument, { orderId: order.id }, stranger);
      const { errors } = await live.untilEnded();
      expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: "FORBIDDEN" }) })]);
      expect(live.results).toEqual([]);
      await live.close();

      const cancelled = await cancelOrder(platform(), stranger, order.id);
      expect(cancelled).toMatchObject({ __typename: "OrderNotFoundError", code: "ORDER_NOT_FOUND" });
    });

    it("gives its stock back when its customer cancels it", async () => {
      const before = await settledStock(platform(), token, staff);
      const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: QUANTITY }]);
      await waitUntil("a confirmed order", async () => {
        return (await readOrder(platform(), token, order.id))?.status === "CONFIRMED";
      });
      expect(await cancelOrder(platform(), token, order.id)).toMatchObject({
        __typename: "CancelOrderSuccess",
        order: { id: order.id, status: "CANCELLED", cancelReason: "CUSTOMER_REQUEST" },
      });
      await waitUntil("the stock to be back", async () => {
        const { available, reserved } = await readStock(platform(), staff, DEMO_VARIANT.variantId);
        return available === before.available && reserved === before.reserved;
      });
      expect(await cancelOrder(platform(), token, order.id)).toMatchObject({
        __typename: "OrderNotCancellableError",
        status: "CANCELLED",
      });
    });
  });
}

/** The stock when no order of the customer waits for any. */
async function settledStock(platform: Platform, token: string, staff: string) {
  const query = "{ me { orders(first: 100) { nodes { status } } } }";
  await waitUntil("every order to be settled", async () => {
    const { body } = await platform.graphql<{ me: { orders: { nodes: { status: string }[] } } }>(query, {}, token);
    return body.data?.me.orders.nodes.every(({ status }) => status !== "PENDING");
  });
  return readStock(platform, staff, DEMO_VARIANT.variantId);
}

async function cancelOrder(platform: Platform, token: string, orderId: string): Promise<unknown> {
  const mutation = `mutation ($orderId: ID!) { cancelOrder(input: { orderId: $orderId }) {
    __typename
    ... on CancelOrderSuccess { order { id status cancelReason } }
    ... on OrderNotCancellableError { status }
    ... on Error { code message } } }`;
  const { body } = await platform.graphql<{ cancelOrder: unknown }>(mutation, { orderId }, token);
  return body.data?.cancelOrder;
}
