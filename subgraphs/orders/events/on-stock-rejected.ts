import type { EventHandler } from "../../../kit/amqp/consume-events";
import type { Logger } from "../../../kit/log";
import { stockRejected } from "../../../schema/events/stock-rejected";
import { applyStockAnswer } from "../domain/apply-stock-answer";
import type { OrderStore } from "../domain/order-store";
import { logOutcome } from "./log-outcome";
import { readEvent } from "./read-event";

/** Products cannot serve an order: it is cancelled with their reason. */
export function onStockRejected(ports: { store: OrderStore; now: () => Date; log: Logger }): EventHandler {
  const name = "on-stock-rejected";
  return {
    name,
    eventTypes: [stockRejected.type],
    handle: async (event) => {
      const { orderId, reason } = readEvent(stockRejected, event);
      const outcome = await applyStockAnswer(ports, {
        orderId,
        change: { on: "STOCK_REJECTED", reason },
        consumer: name,
        eventId: event.id,
        origin: event,
      });
      logOutcome(ports.log, { orderId, event, outcome });
    },
  };
}
