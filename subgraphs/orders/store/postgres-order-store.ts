import type { DataSource, EntityManager } from "typeorm";
import { claimEvent } from "../../../kit/postgres/inbox-table";
import { transactionOf } from "../../../kit/postgres/traced-transaction";
import { orderCancelled } from "../../../schema/events/order-cancelled";
import { orderConfirmed } from "../../../schema/events/order-confirmed";
import { orderPlaced } from "../../../schema/events/order-placed";
import { changeOrder, type Order, orderNumber } from "../domain/order";
import type { Actor, ChangeOutcome, EarlierOrder, NewOrder, OrderStore } from "../domain/order-store";
import type { Origin } from "../domain/origin";
import { appendOrderEvent } from "./append-order-event";
import { OrderEventRow } from "./order-event-row";
import { OrderLineRow } from "./order-line-row";
import { OrderRow } from "./order-row";

/**
 * Every change is one transaction: order, timeline, outbox and, for an event, the inbox. A process killed at any moment leaves all of it or
 * nothing; what is in the outbox then is published by the next process.
 * @param options.onCommit called after something was committed that the outbox tells of
 */
export function createPostgresOrderStore(options: { source: DataSource; onCommit: () => void }): OrderStore {
  const { source, onCommit } = options;
  const transaction = transactionOf(source);
  return {
    earlierOrder: (customerId, key) => findByKey(source.manager, customerId, key),

    place: async (order, actor, origin) => {
      const outcome = await transaction("place order", origin, (manager, traced) =>
        insertOrder(manager, order, actor, traced),
      );
      if ("placed" in outcome) onCommit();
      return outcome;
    },

    change: async <Other>(
      orderId: string,
      decide: Parameters<OrderStore["change"]>[1],
      { at, origin, effectKey, oncePerEvent }: Parameters<OrderStore["change"]>[2],
    ) => {
      const outcome = await transaction(
        "change order",
        origin,
        async (manager, traced): Promise<ChangeOutcome<Other>> => {
          if (oncePerEvent && !(await claimEvent(manager, oncePerEvent.consumer, oncePerEvent.eventId))) {
            return { handledBefore: true };
          }
          const order = await manager.findOne(OrderRow, {
            where: { id: orderId },
            lock: { mode: "pessimistic_write" },
          });
          if (!order) return { missing: true };
          const decision = decide(order);
          if ("instead" in decision) return { instead: decision.instead as Other };
          if (effectKey !== undefined && (await manager.existsBy(OrderEventRow, { orderId, effectKey }))) {
            return { repeated: order };
          }
          const changed = changeOrder(order, decision.change, at);
          if (!changed) return { illegal: order };
          await saveChange(
            manager,
            changed,
            { type: decision.change.on, actor: decision.actor, effectKey: effectKey ?? null },
            traced,
          );
          return { changed };
        },
      );
      if ("changed" in outcome) onCommit();
      return outcome;
    },
  };
}

async function insertOrder(
  manager: EntityManager,
  { lines, idempotency, ...rest }: NewOrder,
  actor: Actor,
  origin: Origin,
): Promise<{ placed: Order } | { earlier: EarlierOrder }> {
  const [{ sequence }] = (await manager.query("select nextval('order_numbers')::int as sequence")) as [
    { sequence: number },
  ];
  const order: Order = {
    ...rest,
    number: orderNumber(rest.placedAt, sequence),
    status: "PENDING",
    cancelReason: null,
    updatedAt: rest.placedAt,
    version: 1,
  };

  // Of requests with one key at once, one inserts; the others wait here for its commit and then find its row.
  const inserted: unknown[] = await manager.query(
    `insert into orders (id, number, customer_id, status, currency, total_minor, placed_at, updated_at, version,
       idempotency_key, request_fingerprint)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict on constraint one_order_per_key do nothing returning id`,
    [
      order.id,
      order.number,
      order.customerId,
      order.status,
      order.currency,
      order.totalMinor,
      order.placedAt,
      order.updatedAt,
      order.version,
      idempotency?.key ?? null,
      idempotency?.fingerprint ?? null,
    ],
  );
  if (inserted.length === 0) {
    const earlier = idempotency && (await findByKey(manager, order.customerId, idempotency.key));
    if (!earlier) throw new Error("an order was in the way of this one and is gone");
    return { earlier };
  }

  await manager.insert(
    OrderLineRow,
    lines.map(({ unitPrice, ...line }, position) => ({
      ...line,
      orderId: order.id,
      position,
      unitPriceMinor: unitPrice.amountMinor,
    })),
  );
  const data = {
    orderId: order.id,
    userId: order.customerId,
    lines: lines.map(({ variantId, productId, quantity }) => ({ variantId, productId, quantity })),
  };
  await appendOrderEvent(manager, order, { type: "PLACED", actor }, { definition: orderPlaced, data }, origin);
  return { placed: order };
}

async function saveChange(
  manager: EntityManager,
  order: Order,
  entry: Parameters<typeof appendOrderEvent>[2],
  origin: Partial<Origin>,
): Promise<void> {
  const { id, status, cancelReason, updatedAt, version } = order;
  await manager.update(OrderRow, { id }, { status, cancelReason, updatedAt, version });
  const data = { orderId: id, userId: order.customerId };
  if (cancelReason === null) {
    await appendOrderEvent(manager, order, entry, { definition: orderConfirmed, data }, origin);
  } else {
    const cancelled = { ...data, reason: cancelReason };
    await appendOrderEvent(manager, order, entry, { definition: orderCancelled, data: cancelled }, origin);
  }
}

async function findByKey(
  manager: EntityManager,
  customerId: string,
  idempotencyKey: string,
): Promise<EarlierOrder | undefined> {
  const row = await manager
    .createQueryBuilder(OrderRow, "o")
    .addSelect("o.requestFingerprint")
    .where({ customerId, idempotencyKey })
    .getOne();
  return row ? { order: row, fingerprint: row.requestFingerprint ?? "" } : undefined;
}
