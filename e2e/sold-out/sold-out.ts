import { DEMO_LAST_UNIT_VARIANT } from "../../schema/demo";
import { OrderUpdatesDocument } from "../../schema/generated/web";
import { otherCustomer, STAFF } from "../harness/demo";
import type { Platform } from "../harness/platform";
import { placeOrder, readStock, setStock } from "../harness/shopping";

const CUSTOMERS = [2, 3, 4, 5, 6];

export function tellSoldOut(platform: () => Platform): void {
  describe("the last unit", () => {
    it("goes to exactly one of several customers who want it at the same moment, and each sees live who got it", async () => {
      const { variantId } = DEMO_LAST_UNIT_VARIANT;
      const staff = await platform().signIn(STAFF);
      expect(await readStock(platform(), staff, variantId)).toEqual({ onHand: 1, reserved: 0, available: 1 });
      const tokens = await Promise.all(CUSTOMERS.map((number) => platform().signIn(otherCustomer(number))));

      const live = await platform().whileBrokerHolds(async () => {
        const orders = await Promise.all(
          tokens.map((token) => placeOrder(platform(), token, [{ variantId, quantity: 1 }])),
        );
        expect(orders.map(({ status }) => status)).toEqual(CUSTOMERS.map(() => "PENDING"));
        const live = orders.map(({ id }, i) => platform().subscribe(OrderUpdatesDocument, { orderId: id }, tokens[i]));
        await platform().untilSubscriptions(CUSTOMERS.length);
        return live;
      });
      const ends = await Promise.all(
        live.map((each) => each.until("end of the race", ({ orderUpdated }) => orderUpdated.status !== "PENDING")),
      );
      const outcomes = ends.map(({ orderUpdated: { status, cancelReason } }) => `${status} ${cancelReason}`).sort();
      expect(outcomes).toEqual([...CUSTOMERS.slice(1).map(() => "CANCELLED OUT_OF_STOCK"), "CONFIRMED null"]);
      await Promise.all(live.map((each) => each.close()));
      await platform().untilSubscriptions(0);
      expect(await readStock(platform(), staff, variantId)).toEqual({ onHand: 1, reserved: 1, available: 0 });
    });

    it("can be followed by another one that staff put on the shelf, and never by fewer than are promised", async () => {
      const { variantId } = DEMO_LAST_UNIT_VARIANT;
      const staff = await platform().signIn(STAFF);
      await expect(setStock(platform(), staff, variantId, 0)).rejects.toThrow("StockReservedError");
      await setStock(platform(), staff, variantId, 2);
      expect(await readStock(platform(), staff, variantId)).toEqual({ onHand: 2, reserved: 1, available: 1 });
    });
  });
}
