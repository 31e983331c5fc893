import type { EntityManager } from "typeorm";
import { newId } from "../../../kit/ids";
import { appendToOutbox } from "../../../kit/postgres/outbox-table";
import type { EventDefinition } from "../../../schema/events/define-event";
import { parseEventData } from "../../../schema/events/parse-event-data";
import type { Order } from "../domain/order";
import type { Actor } from "../domain/order-store";
import type { Origin } from "../domain/origin";
import { OrderEventRow } from "./order-event-row";

const SOURCE = "/orders";

/** Writes what has happened to an order where it is kept (its timeline) and where it is told from (the outbox). */
export async function appendOrderEvent<Data>(
  manager: EntityManager,
  order: Order,
  entry: { type: OrderEventRow["type"]; actor: Actor; effectKey?: string | null },
  event: { definition: EventDefinition<Data>; data: Data },
  origin: Partial<Origin>,
): Promise<void> {
  await manager.insert(OrderEventRow, {
    orderId: order.id,
    seq: order.version,
    at: order.updatedAt,
    reason: order.cancelReason,
    ...entry,
  });
  await appendToOutbox(manager, {
    id: newId(),
    type: event.definition.type,
    source: SOURCE,
    subject: order.id,
    time: order.updatedAt.toISOString(),
    data: parseEventData(event.definition, event.data),
    requestId: origin.requestId,
    traceparent: origin.traceparent,
  });
}
