import type { EventHandler } from "../../../kit/amqp/consume-events";
import type { Logger } from "../../../kit/log";
import { stockReserved } from "../../../schema/events/stock-reserved";
import { applyStockAnswer } from "../domain/apply-stock-answer";
import type { OrderStore } from "../domain/order-store";
import { logOutcome } from "./log-outcome";
import { readEvent } from "./read-event";

/** Products set the units of an order aside: the order is confirmed. */
export function onStockReserved(ports: { store: OrderStore; now: () => Date; log: Logger }): EventHandler {
  const name = "on-stock-reserved";
  return {
    name,
    eventTypes: [stockReserved.type],
    handle: async (event) => {
      const { orderId } = readEvent(stockReserved, event);
      const outcome = await applyStockAnswer(ports, {
        orderId,
        change: { on: "STOCK_RESERVED" },
        consumer: name,
        eventId: event.id,
        origin: event,
      });
      logOutcome(ports.log, { orderId, event, outcome });
    },
  };
}
