import { IDEMPOTENCY_HEADER } from "../../../kit/identity";
import { type RunningOrders, startOrders, user } from "./start-orders";

let orders: RunningOrders;
beforeAll(async () => {
  orders = await startOrders();
});
afterAll(() => orders.close());

const PLACE = `mutation ($lines: [OrderLineInput!]!, $own: String) {
  first: placeOrder(input: { lines: $lines, idempotencyKey: $own }) { __typename ... on PlaceOrderSuccess { order { id } } }
}`;
const TWO = `mutation ($lines: [OrderLineInput!]!) {
  first: placeOrder(input: { lines: $lines }) { ... on PlaceOrderSuccess { order { id } } }
  second: placeOrder(input: { lines: $lines }) { ... on PlaceOrderSuccess { order { id } } }
}`;
const CANCEL = `mutation ($orderId: ID!) {
  cancelOrder(input: { orderId: $orderId }) { __typename ... on CancelOrderSuccess { order { id version } } }
}`;
const under = (key: string) => ({ [IDEMPOTENCY_HEADER]: key });

describe("a mutation that the gateway sends again under its key", () => {
  it("places one order, and another one under another key or for somebody else", async () => {
    const customer = user();
    const variables = { lines: [{ variantId: orders.products.add().id, quantity: 1 }] };
    const place = async (who = customer, key = "k1") =>
      (await orders.ask(who, PLACE, variables, under(key))).data?.["first"] as { order: { id: string } };
    const first = await place();
    expect(await place()).toEqual(first);
    for (const other of [await place(customer, "k2"), await place(user())]) {
      expect(other.order.id).not.toBe(first.order.id);
    }
  });

  it("places as many orders as it has fields, each once", async () => {
    const customer = user();
    const variables = { lines: [{ variantId: orders.products.add().id, quantity: 1 }] };
    const [one, again] = [
      await orders.ask(customer, TWO, variables, under("k3")),
      await orders.ask(customer, TWO, variables, under("k3")),
    ];
    const { first, second } = one.data as Record<string, { order: { id: string } }>;
    expect(first?.order.id).not.toBe(second?.order.id);
    expect(again.data).toEqual(one.data);
  });

  it("goes by the customer's own key where there is one", async () => {
    const customer = user();
    const variables = { lines: [{ variantId: orders.products.add().id, quantity: 1 }], own: "own" };
    const first = await orders.ask(customer, PLACE, variables, under("k4"));
    const again = await orders.ask(customer, PLACE, variables, under("k5"));
    expect(again.data).toEqual(first.data);
  });

  it("cancels an order once and says so each time, also at once; somebody who asks anew hears that it is cancelled", async () => {
    const customer = user();
    const orderId = await orders.place(customer);
    const cancel = async (key: string) => (await orders.ask(customer, CANCEL, { orderId }, under(key))).data;
    const answers = await Promise.all(Array.from({ length: 5 }, () => cancel("k6")));
    for (const answer of answers) {
      expect(answer).toEqual({ cancelOrder: { __typename: "CancelOrderSuccess", order: { id: orderId, version: 2 } } });
    }
    expect(await cancel("k7")).toEqual({ cancelOrder: { __typename: "OrderNotCancellableError" } });
    expect(await orders.rows("select 1 from outbox where subject = $1", [orderId])).toHaveLength(2);
  });

  it("is refused to others before it is known as a repetition", async () => {
    const customer = user();
    const orderId = await orders.place(customer);
    await orders.ask(customer, CANCEL, { orderId }, under("k8"));
    const answer = await orders.ask(user(), CANCEL, { orderId }, under("k8"));
    expect(answer.data).toEqual({ cancelOrder: { __typename: "OrderNotFoundError" } });
  });
});
