export const ORDER_STATUSES = ["PENDING", "CONFIRMED", "CANCELLED"] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What can happen to an order after it was placed. */
export type Happening = "STOCK_RESERVED" | "STOCK_REJECTED" | "CANCELLATION_REQUESTED";

interface Transition {
  readonly on: Happening;
  readonly from: OrderStatus;
  readonly to: OrderStatus;
}

/**
 * The life of an order. What is not in this table does not happen: an event that comes late, twice or out of order finds no row
 * and changes nothing. A new order is PENDING.
 */
export const TRANSITIONS: readonly Transition[] = [
  { on: "STOCK_RESERVED", from: "PENDING", to: "CONFIRMED" },
  { on: "STOCK_REJECTED", from: "PENDING", to: "CANCELLED" },
  { on: "CANCELLATION_REQUESTED", from: "PENDING", to: "CANCELLED" },
  { on: "CANCELLATION_REQUESTED", from: "CONFIRMED", to: "CANCELLED" },
];

/** @returns the status that follows; `undefined` when this cannot happen to an order in that status */
export const nextStatus = (from: OrderStatus, on: Happening): OrderStatus | undefined =>
  TRANSITIONS.find((transition) => transition.from === from && transition.on === on)?.to;

/** Each status that can directly follow; none means that the order is at its end. */
export const allowedTransitions = (from: OrderStatus): OrderStatus[] => [
  ...new Set(TRANSITIONS.filter((transition) => transition.from === from).map(({ to }) => to)),
];
