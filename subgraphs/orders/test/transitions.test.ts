import fc from "fast-check";
import { changeOrder, type Order, type OrderChange, orderNumber } from "../domain/order";
import { allowedTransitions, nextStatus, ORDER_STATUSES, TRANSITIONS } from "../domain/transitions";

const pending: Order = {
  id: "01890000-0000-7000-8000-000000000001",
  number: "T-20261121-000001",
  customerId: "01890000-0000-7000-8000-000000000002",
  status: "PENDING",
  cancelReason: null,
  currency: "EUR",
  totalMinor: 100,
  placedAt: new Date("2026-11-21T10:00:00Z"),
  updatedAt: new Date("2026-11-21T10:00:00Z"),
  version: 1,
};
const at = new Date("2026-11-21T10:00:01Z");
const changes: fc.Arbitrary<OrderChange> = fc.constantFrom<OrderChange>(
  { on: "STOCK_RESERVED" },
  { on: "STOCK_REJECTED", reason: "OUT_OF_STOCK" },
  { on: "CANCELLATION_REQUESTED", reason: "CUSTOMER_REQUEST" },
);

describe("the transition table", () => {
  it("gives one answer for each status and happening", () => {
    const pairs = TRANSITIONS.map(({ from, on }) => `${from} ${on}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it("tells what can follow each status", () => {
    expect(Object.fromEntries(ORDER_STATUSES.map((status) => [status, allowedTransitions(status)]))).toEqual({
      PENDING: ["CONFIRMED", "CANCELLED"],
      CONFIRMED: ["CANCELLED"],
      CANCELLED: [],
    });
  });

  it("never brings a cancelled order back, whatever arrives in whatever order", () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 12 }), (happenings) => {
        let order = pending;
        for (const change of happenings) {
          const next = changeOrder(order, change, at);
          expect(next?.status).toBe(nextStatus(order.status, change.on));
          if (order.status === "CANCELLED") expect(next).toBeUndefined();
          if (next) {
            expect(allowedTransitions(order.status)).toContain(next.status);
            expect(next.version).toBe(order.version + 1);
            expect(next.cancelReason === null).toBe(next.status !== "CANCELLED");
          }
          order = next ?? order;
        }
      }),
    );
  });
});

it("numbers orders by day and sequence, also beyond a million", () => {
  expect(orderNumber(new Date("2026-11-21T23:59:59.999Z"), 42)).toBe("T-20261121-000042");
  expect(orderNumber(new Date("2026-11-21T00:00:00Z"), 1_234_567)).toBe("T-20261121-1234567");
});
