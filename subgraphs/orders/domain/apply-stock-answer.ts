import type { OrderChange } from "./order";
import type { ChangeOutcome, OrderStore } from "./order-store";
import type { Origin } from "./origin";

/** What products said about the stock of an order, and the event that said it. */
export interface StockAnswer {
  readonly orderId: string;
  readonly change: Exclude<OrderChange, { on: "CANCELLATION_REQUESTED" }>;
  readonly consumer: string;
  readonly eventId: string;
  readonly origin: Partial<Origin>;
}

/**
 * Confirms or cancels an order. Safe for answers that come twice, late or out of order: a repeated event is known by its id, and what the
 * transition table has no place for changes nothing. Stock reserved for an order that was cancelled meanwhile needs no answer from
 * here: the cancellation's own event frees it, whichever of the two arrives first.
 */
export const applyStockAnswer = (
  { store, now }: { store: OrderStore; now: () => Date },
  { orderId, change, consumer, eventId, origin }: StockAnswer,
): Promise<ChangeOutcome<never>> =>
  store.change<never>(orderId, () => ({ change, actor: "service:products" }), {
    at: now(),
    origin,
    oncePerEvent: { consumer, eventId },
  });
