import fc from "fast-check";
import type { EventMessage } from "../../../kit/amqp/event-message";
import { MalformedEventError } from "../../../kit/amqp/event-message";
import { newId } from "../../../kit/ids";
import { onStockRejected } from "../events/on-stock-rejected";
import { onStockReserved } from "../events/on-stock-reserved";
import { log, type RunningOrders, startOrders, user } from "./start-orders";

let orders: RunningOrders;
beforeAll(async () => {
  orders = await startOrders();
});
afterAll(() => orders.close());

const event = (type: string, data: unknown, id = newId()): EventMessage => ({
  id,
  type,
  source: "/products",
  subject: "a product",
  time: new Date().toISOString(),
  data,
  requestId: "request-of-the-order",
});
const reserved = (orderId: string, id?: string) => event("products.stock.reserved.v1", { orderId }, id);
const rejected = (orderId: string, id?: string) =>
  event("products.stock.rejected.v1", { orderId, reason: "OUT_OF_STOCK", variantIds: [newId()] }, id);

const handle = (message: EventMessage) => {
  const ports = { store: orders.store, now: () => new Date(), log };
  return (message.type === "products.stock.reserved.v1" ? onStockReserved(ports) : onStockRejected(ports)).handle(
    message,
  );
};
const cancel = (customer: ReturnType<typeof user>, orderId: string) =>
  orders.ask(customer, "mutation ($id: ID!) { cancelOrder(input: { orderId: $id }) { __typename } }", { id: orderId });

async function state(orderId: string) {
  const [order] = await orders.rows<{ status: string; cancel_reason: string | null; version: number }>(
    "select status, cancel_reason, version from orders where id = $1",
    [orderId],
  );
  const events = await orders.rows<{ type: string }>("select type from outbox where subject = $1 order by seq", [
    orderId,
  ]);
  return { ...order, events: events.map(({ type }) => type.replace(/^orders\.order\.(\w+)\.v1$/, "$1")) };
}

describe("an answer about stock", () => {
  it("confirms an order, under the request id of the event", async () => {
    const orderId = await orders.place(user());
    await handle(reserved(orderId));
    expect(await state(orderId)).toEqual({
      status: "CONFIRMED",
      cancel_reason: null,
      version: 2,
      events: ["placed", "confirmed"],
    });
    expect(
      await orders.rows("select request_id from outbox where subject = $1 and type like '%confirmed%'", [orderId]),
    ).toEqual([{ request_id: "request-of-the-order" }]);
    expect(
      await orders.rows("select seq, type, actor from order_events where order_id = $1 and seq = 2", [orderId]),
    ).toEqual([{ seq: 2, type: "STOCK_RESERVED", actor: "service:products" }]);
  });

  it("cancels an order with the reason that products give", async () => {
    const orderId = await orders.place(user());
    await handle(rejected(orderId));
    expect(await state(orderId)).toEqual({
      status: "CANCELLED",
      cancel_reason: "OUT_OF_STOCK",
      version: 2,
      events: ["placed", "cancelled"],
    });
  });

  it("that comes again, also at the same time, changes nothing", async () => {
    const orderId = await orders.place(user());
    const same = reserved(orderId);
    await Promise.all([handle(same), handle(same), handle(reserved(orderId)), handle(same)]);
    await handle(same);
    expect(await state(orderId)).toMatchObject({ status: "CONFIRMED", version: 2, events: ["placed", "confirmed"] });
  });

  it("leaves an order cancelled that was cancelled meanwhile: its cancellation already frees the stock", async () => {
    const customer = user();
    const orderId = await orders.place(customer);
    await cancel(customer, orderId);
    await handle(reserved(orderId));
    await handle(rejected(orderId));
    expect(await state(orderId)).toEqual({
      status: "CANCELLED",
      cancel_reason: "CUSTOMER_REQUEST",
      version: 2,
      events: ["placed", "cancelled"],
    });
  });

  it("does not take a confirmed order back", async () => {
    const orderId = await orders.place(user());
    await handle(reserved(orderId));
    await handle(rejected(orderId));
    expect(await state(orderId)).toMatchObject({ status: "CONFIRMED", events: ["placed", "confirmed"] });
  });

  it("for an order that does not exist is no reason to stop", async () => {
    await expect(handle(reserved(newId()))).resolves.toBeUndefined();
  });

  it("in any order, doubled and against a cancellation at the same moment, leaves a legal order and one event per change", async () => {
    const steps = fc.array(fc.constantFrom("reserved", "rejected", "cancel", "reserved twice"), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (names, together) => {
        const customer = user();
        const orderId = await orders.place(customer);
        const twice = newId();
        const run = (name: string) => {
          if (name === "cancel") return cancel(customer, orderId);
          if (name === "rejected") return handle(rejected(orderId));
          return handle(reserved(orderId, name === "reserved twice" ? twice : newId()));
        };
        if (together) await Promise.all(names.map(run));
        else for (const name of names) await run(name);

        const { status, version, events } = await state(orderId);
        expect(["CONFIRMED", "CANCELLED"]).toContain(status);
        expect(events).toHaveLength(version!);
        expect([
          ["placed", "confirmed"],
          ["placed", "cancelled"],
          ["placed", "confirmed", "cancelled"],
        ]).toContainEqual(events);
        expect(events.at(-1)).toBe(status!.toLowerCase());
      }),
      { numRuns: 15 },
    );
  });
});

describe("a broken answer about stock", () => {
  const id = "01890000-0000-7000-8000-000000000001";
  it.each([
    ["no body", null],
    ["a list", []],
    ["no order id", {}],
    ["an order id of another type", { orderId: 7 }],
    ["an order id that is none", { orderId: "'; drop table orders; --" }],
  ])("with %s is called malformed and touches nothing", async (_, data) => {
    const message = event("products.stock.reserved.v1", data);
    await expect(handle(message)).rejects.toThrow(MalformedEventError);
    expect(await orders.rows("select 1 from inbox where event_id = $1", [message.id])).toEqual([]);
  });

  it("with a reason that nobody defined, or of an unknown type, is called malformed", async () => {
    await expect(
      handle(event("products.stock.rejected.v1", { orderId: id, reason: "BORED", variantIds: [] })),
    ).rejects.toThrow(MalformedEventError);
    await expect(handle(event("products.stock.stolen.v1", { orderId: id }))).rejects.toThrow(MalformedEventError);
  });
});
