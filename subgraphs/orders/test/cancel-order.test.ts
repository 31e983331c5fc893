import { newId } from "../../../kit/ids";
import type { Identity, Viewer } from "../../../kit/viewer";
import { type RunningOrders, staff, startOrders, user } from "./start-orders";

let orders: RunningOrders;
beforeAll(async () => {
  orders = await startOrders();
});
afterAll(() => orders.close());

const CANCEL = `mutation ($input: CancelOrderInput!) {
  cancelOrder(input: $input) {
    __typename
    ... on CancelOrderSuccess { order { id status cancelReason allowedTransitions version } }
    ... on Error { code message path }
    ... on OrderNotCancellableError { status }
  }
}`;

const send = (viewer: Viewer, input: { orderId: string; reason?: string }) => orders.ask(viewer, CANCEL, { input });
const cancel = async (viewer: Viewer, input: { orderId: string; reason?: string }) =>
  (await send(viewer, input)).data?.["cancelOrder"];

describe("cancelling an order", () => {
  it("is done by its customer, once, and told in an event", async () => {
    const customer = user();
    const orderId = await orders.place(customer);
    expect(await cancel(customer, { orderId })).toEqual({
      __typename: "CancelOrderSuccess",
      order: { id: orderId, status: "CANCELLED", cancelReason: "CUSTOMER_REQUEST", allowedTransitions: [], version: 2 },
    });
    expect(await cancel(customer, { orderId })).toMatchObject({
      __typename: "OrderNotCancellableError",
      code: "ORDER_NOT_CANCELLABLE",
      status: "CANCELLED",
    });
    expect(await orders.rows("select type, data from outbox where subject = $1 order by seq", [orderId])).toEqual([
      expect.objectContaining({ type: "orders.order.placed.v1" }),
      {
        type: "orders.order.cancelled.v1",
        data: { orderId, userId: customer.subject, reason: "CUSTOMER_REQUEST" },
      },
    ]);
    expect(
      await orders.rows("select seq, type, actor, reason from order_events where order_id = $1 and seq = 2", [orderId]),
    ).toEqual([
      { seq: 2, type: "CANCELLATION_REQUESTED", actor: `user:${customer.subject}`, reason: "CUSTOMER_REQUEST" },
    ]);
  });

  it("happens once when many ask at once", async () => {
    const customer = user();
    const orderId = await orders.place(customer);
    const answers = await Promise.all(Array.from({ length: 10 }, () => cancel(customer, { orderId })));
    const names = answers.map((answer) => (answer as { __typename: string }).__typename);
    expect(names.filter((name) => name === "CancelOrderSuccess")).toHaveLength(1);
    expect(await orders.rows("select type from outbox where subject = $1", [orderId])).toHaveLength(2);
  });

  it("is done by staff with their reason, or the one they give", async () => {
    const [one, two] = [await orders.place(user()), await orders.place(user())];
    expect(await cancel(staff(), { orderId: one })).toMatchObject({ order: { cancelReason: "STAFF_REQUEST" } });
    expect(await cancel(staff(), { orderId: two, reason: "PRODUCT_UNAVAILABLE" })).toMatchObject({
      order: { cancelReason: "PRODUCT_UNAVAILABLE" },
    });
  });

  it("with a reason for staff is refused to a customer", async () => {
    const customer = user();
    const orderId = await orders.place(customer);
    expect(await cancel(customer, { orderId, reason: "OUT_OF_STOCK" })).toMatchObject({
      __typename: "InvalidInputError",
      path: ["input", "reason"],
    });
  });

  it("does not tell others whether the order exists", async () => {
    const orderId = await orders.place(user());
    const partner: Identity = { kind: "partner", subject: newId(), roles: [], scopes: [] };
    for (const stranger of [user(), partner]) {
      const [foreign, missing] = [await cancel(stranger, { orderId }), await cancel(stranger, { orderId: newId() })];
      expect(foreign).toMatchObject({ __typename: "OrderNotFoundError", code: "ORDER_NOT_FOUND" });
      expect(missing).toEqual(foreign);
    }
    expect(await cancel(user(), { orderId: "no id" })).toMatchObject({ __typename: "OrderNotFoundError" });
  });

  it("needs more than the scope to read", async () => {
    const orderId = await orders.place(user());
    const { errors } = await send(user(newId(), ["orders:read"]), { orderId });
    expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    expect((await send(undefined, { orderId })).errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
  });
});
