import type { EventHandler } from "../../../kit/amqp/consume-events";
import { MalformedEventError } from "../../../kit/amqp/event-message";
import type { Logger } from "../../../kit/log";
import { orderPlaced } from "../../../schema/events/order-placed";
import { reserveStock } from "../domain/reserve-stock";
import type { StockStore } from "../domain/stock-store";
import { readEvent } from "./read-event";

/** Far beyond what orders accept. Sums of such numbers are exact, and no update names thousands of variants. */
const MAX_LINES = 500;
const MAX_QUANTITY = 1_000_000;

/** Someone placed an order: its units are reserved, or it is told that they cannot be. */
export function onOrderPlaced({ stock, log }: { stock: StockStore; log: Logger }): EventHandler {
  return {
    name: "on-order-placed",
    eventTypes: [orderPlaced.type],
    handle: async (event) => {
      const { orderId, lines } = readEvent(orderPlaced, event);
      if (lines.length > MAX_LINES) throw new MalformedEventError(`an order of more than ${MAX_LINES} lines`);
      if (lines.some(({ quantity }) => quantity > MAX_QUANTITY)) {
        throw new MalformedEventError(`a quantity above ${MAX_QUANTITY}`);
      }
      const wanted = lines.map(({ productId, variantId, quantity }) => ({ productId, variantId, quantity }));
      const { state } = await reserveStock(stock, orderId, wanted, event);
      log.info({ orderId, state, eventId: event.id, requestId: event.requestId }, "handled an order's wish for stock");
    },
  };
}
