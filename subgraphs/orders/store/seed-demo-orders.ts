import { v7 } from "uuid";
import type { DataSource } from "typeorm";
import { type CancelReason, type Order, orderNumber } from "../domain/order";
import { priceBasket } from "../domain/price-basket";
import type { Quote } from "../domain/price-source";
import { isRefusal } from "../domain/refusals";
import type { OrderStatus } from "../domain/transitions";
import { OrderEventRow } from "./order-event-row";
import { OrderLineRow } from "./order-line-row";
import { OrderRow } from "./order-row";

/** What the demo customer bought before the platform was started for the first time. */
export interface DemoShop {
  readonly customerId: string;
  readonly staffId: string;
  /** As they were then. The first is bought most. */
  readonly variants: readonly Quote[];
}

const ORDERS = 20;
/** Fixed, so that every seeded store is the same. */
const FIRST_PLACED_AT = Date.parse("2026-08-03T09:12:41.000Z");
const HOUR_MS = 3_600_000;
const BETWEEN_MS = 117 * HOUR_MS;
/** Any number, the same in every process that seeds the same database. */
const SEED_LOCK = 720_003;

/**
 * Fills an empty store with past orders, without events: their stock was settled long ago.
 * @returns how many were written; 0 when there are orders already
 */
export async function seedDemoOrders(source: DataSource, shop: DemoShop): Promise<number> {
  return source.transaction(async (manager) => {
    await manager.query("select pg_advisory_xact_lock($1)", [SEED_LOCK]);
    if (await manager.exists(OrderRow)) return 0;
    for (let index = 0; index < ORDERS; index++) {
      const [{ sequence }] = (await manager.query("select nextval('order_numbers')::int as sequence")) as [
        { sequence: number },
      ];
      const { order, lines, timeline } = demoOrder(index, sequence, shop);
      await manager.insert(OrderRow, order);
      await manager.insert(OrderLineRow, lines);
      await manager.insert(OrderEventRow, timeline);
    }
    return ORDERS;
  });
}

function demoOrder(index: number, sequence: number, { customerId, staffId, variants }: DemoShop) {
  const placedAt = new Date(FIRST_PLACED_AT + index * BETWEEN_MS + ((index * 7) % 11) * HOUR_MS);
  const settledAt = new Date(placedAt.getTime() + 900 + ((index * 37) % 600));
  const id = demoId(placedAt, index);

  const second = variants.length > 1 && index % 3 === 1 ? variants[1 + (index % (variants.length - 1))] : undefined;
  const wanted = [variants[0], second].filter((quote) => quote !== undefined);
  const basket = wanted.map(({ variantId }, line) => ({ variantId, quantity: 1 + ((index + line) % 4), path: [] }));
  const priced = priceBasket({ lines: basket }, new Map(wanted.map((quote) => [quote.variantId, quote])));
  if (isRefusal(priced)) throw new Error(`the demo orders cannot be priced: ${priced.message}`);

  const { status, cancelReason, actor, type } = ending(index, { customerId, staffId });
  const order: Order = {
    id,
    number: orderNumber(placedAt, sequence),
    customerId,
    status,
    cancelReason,
    currency: priced.currency,
    totalMinor: priced.totalMinor,
    placedAt,
    updatedAt: settledAt,
    version: 2,
  };
  const lines = priced.lines.map(({ unitPrice, ...line }, position) => ({
    ...line,
    orderId: id,
    position,
    unitPriceMinor: unitPrice.amountMinor,
  }));
  const timeline: OrderEventRow[] = [
    { orderId: id, seq: 1, type: "PLACED", at: placedAt, actor: `user:${customerId}`, reason: null },
    { orderId: id, seq: 2, type, at: settledAt, actor, reason: cancelReason },
  ];
  return { order, lines, timeline };
}

interface Ending extends Pick<OrderEventRow, "type" | "actor"> {
  readonly status: OrderStatus;
  readonly cancelReason: CancelReason | null;
}

function ending(index: number, { customerId, staffId }: Pick<DemoShop, "customerId" | "staffId">): Ending {
  const cancelled = { status: "CANCELLED", type: "CANCELLATION_REQUESTED" } as const;
  if (index % 10 === 4) return { ...cancelled, cancelReason: "CUSTOMER_REQUEST", actor: `user:${customerId}` };
  if (index % 10 === 8) return { ...cancelled, cancelReason: "STAFF_REQUEST", actor: `user:${staffId}` };
  if (index % 10 === 6) {
    return { status: "CANCELLED", type: "STOCK_REJECTED", cancelReason: "OUT_OF_STOCK", actor: "service:products" };
  }
  return { status: "CONFIRMED", type: "STOCK_RESERVED", cancelReason: null, actor: "service:products" };
}

/** A UUIDv7 of that moment whose random part is the number of the order. */
const demoId = (at: Date, index: number): string =>
  v7({ msecs: at.getTime(), seq: index, random: new Uint8Array(16).fill(index) });
