import { type Happening, nextStatus, type OrderStatus } from "./transitions";
import type { Currency, Money } from "./money";

export const CANCEL_REASONS = ["OUT_OF_STOCK", "PRODUCT_UNAVAILABLE", "CUSTOMER_REQUEST", "STAFF_REQUEST"] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

export interface Order {
  readonly id: string;
  /** For people: `T-20261121-000042`. */
  readonly number: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  /** Set exactly while the status is CANCELLED. */
  readonly cancelReason: CancelReason | null;
  /** Of the total and of every line. */
  readonly currency: Currency;
  readonly totalMinor: number;
  readonly placedAt: Date;
  readonly updatedAt: Date;
  /** 1 when placed, one more with each change; also the number of its entries in the order's timeline. */
  readonly version: number;
}

/** What was bought, as it was when it was bought: later changes of the product leave it alone. */
export interface OrderLine {
  readonly variantId: string;
  readonly productId: string;
  readonly title: string;
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

export const lineTotal = ({ quantity, unitPrice }: Pick<OrderLine, "quantity" | "unitPrice">): Money => ({
  amountMinor: quantity * unitPrice.amountMinor,
  currency: unitPrice.currency,
});

/** A change of a placed order, and who or what caused it. */
export type OrderChange =
  | { readonly on: Exclude<Happening, "STOCK_RESERVED">; readonly reason: CancelReason }
  | { readonly on: "STOCK_RESERVED" };

/** @returns the order after the change; `undefined` when the transition table has no place for it */
export function changeOrder(order: Order, change: OrderChange, at: Date): Order | undefined {
  const status = nextStatus(order.status, change.on);
  if (status === undefined) return undefined;
  return {
    ...order,
    status,
    cancelReason: "reason" in change ? change.reason : null,
    updatedAt: at,
    version: order.version + 1,
  };
}

const SEQUENCE_DIGITS = 6;

/** @param sequence unique, ever growing, so that numbers of one day sort by it */
export function orderNumber(placedAt: Date, sequence: number): string {
  const day = placedAt.toISOString().slice(0, 10).replaceAll("-", "");
  return `T-${day}-${String(sequence).padStart(SEQUENCE_DIGITS, "0")}`;
}

export const isOrderNumber = (text: string): boolean => /^T-\d{8}-\d{6,12}$/.test(text);
