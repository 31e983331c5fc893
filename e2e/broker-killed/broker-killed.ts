import { DEMO_VARIANT } from "../../schema/demo";
import { OrderUpdatesDocument } from "../../schema/generated/web";
import { CUSTOMER, STAFF } from "../harness/demo";
import type { Platform } from "../harness/platform";
import { placeOrder, readOrder, readStock } from "../harness/shopping";
import { waitUntil } from "../harness/wait-until";

const ORDERS = 5;

export function tellBrokerKilled(platform: () => Platform): void {
  describe("the broker is killed", () => {
    it("and orders placed meanwhile are confirmed once it is back: none is lost, none counts twice, and who subscribed before is told", async () => {
      const token = await platform().signIn(CUSTOMER);
      const staff = await platform().signIn(STAFF);
      const { variantId } = DEMO_VARIANT;
      const before = await readStock(platform(), staff, variantId);

      // Watched by a socket that is older than the outage.
      const { early, live } = await platform().whileBrokerHolds(async () => {
        const early = await placeOrder(platform(), token, [{ variantId, quantity: 1 }]);
        const live = platform().subscribe(OrderUpdatesDocument, { orderId: early.id }, token);
        await platform().untilSubscriptions(1);
        await platform().breakBroker();
        return { early, live };
      });
      const orders = [early];
      for (let i = 0; i < ORDERS; i++) orders.push(await placeOrder(platform(), token, [{ variantId, quantity: 1 }]));
      const readAll = () => Promise.all(orders.map(({ id }) => readOrder(platform(), token, id)));
      expect((await readAll()).slice(1).map((order) => order?.status)).toEqual(Array(ORDERS).fill("PENDING"));
      // Reading and placing orders go on without a broker, so the platform stays ready.
      expect(await platform().isReady()).toBe(true);

      await platform().mendBroker();
      await live.until("CONFIRMED", ({ orderUpdated }) => orderUpdated.status === "CONFIRMED");
      await waitUntil(
        "every order to be confirmed",
        async () => (await readAll()).every((order) => order?.status === "CONFIRMED"),
        { deadlineMs: 40_000 },
      );
      const after = await readStock(platform(), staff, variantId);
      expect(after).toEqual({
        onHand: before.onHand,
        reserved: before.reserved + orders.length,
        available: before.available - orders.length,
      });

      // The log keeps its order: whatever it repeats of the events before has come when the cancellation has come.
      const mutation = "mutation ($id: ID!) { cancelOrder(input: { orderId: $id }) { __typename } }";
      await platform().graphql(mutation, { id: early.id }, token);
      await live.until("CANCELLED", ({ orderUpdated }) => orderUpdated.status === "CANCELLED");
      expect(live.results.every(({ errors }) => errors === undefined)).toBe(true);
      expect(live.results.length).toBeLessThanOrEqual(["as it was", "placed", "confirmed", "cancelled"].length);
      await live.close();
      await platform().untilSubscriptions(0);
    });

    it("and an order placed after that is confirmed as ever", async () => {
      const token = await platform().signIn(CUSTOMER);
      const order = await placeOrder(platform(), token, [{ variantId: DEMO_VARIANT.variantId, quantity: 1 }]);
      await waitUntil("a confirmed order", async () => {
        return (await readOrder(platform(), token, order.id))?.status === "CONFIRMED";
      });
    });
  });
}
