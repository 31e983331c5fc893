import type { EventHandler } from "../../../kit/amqp/consume-events";
import type { Logger } from "../../../kit/log";
import { orderCancelled } from "../../../schema/events/order-cancelled";
import { releaseStock } from "../domain/release-stock";
import type { StockStore } from "../domain/stock-store";
import { readEvent } from "./read-event";

/** An order ended unfulfilled: what is reserved for it is free again. */
export function onOrderCancelled({ stock, log }: { stock: StockStore; log: Logger }): EventHandler {
  return {
    name: "on-order-cancelled",
    eventTypes: [orderCancelled.type],
    handle: async (event) => {
      const { orderId } = readEvent(orderCancelled, event);
      const { state } = await releaseStock(stock, orderId, event);
      log.info({ orderId, state, eventId: event.id, requestId: event.requestId }, "handled an order's cancellation");
    },
  };
}
