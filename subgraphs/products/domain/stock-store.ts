import type { Origin } from "./origin";

/** Units of one variant that an order wants; each variant once per order. */
export interface StockLine {
  readonly productId: string;
  readonly variantId: string;
  readonly quantity: number;
}

/**
 *     PENDING --> RESERVED --> RELEASED
 *        |  \--------------------^
 *        v
 *     REJECTED
 *
 * Nothing ever becomes PENDING or RESERVED again: that is what the proofs in reserve-stock.ts rest on.
 */
export type ReservationState = "PENDING" | "RESERVED" | "REJECTED" | "RELEASED";

export interface Reservation {
  readonly orderId: string;
  readonly state: ReservationState;
  /** Empty when the order was cancelled before it was heard of. */
  readonly lines: readonly StockLine[];
}

export type RejectionReason = "OUT_OF_STOCK" | "PRODUCT_UNAVAILABLE";

export type StockAnswer =
  | { readonly state: "RESERVED" }
  | { readonly state: "REJECTED"; readonly reason: RejectionReason; readonly variantIds: readonly string[] };

/** Lines that cannot be served, by why. */
export interface Shortages {
  readonly unavailable: readonly string[];
  readonly outOfStock: readonly string[];
}

/**
 * What moves units tells so by `products.stock.changed.v1`, in the same change. Each method changes one document at most, by atomic updates that bear being repeated: a process may die between any two.
 */
export interface StockStore {
  /** Writes the reservation as PENDING unless the order has one. @returns what is there now */
  begin(orderId: string, lines: readonly StockLine[]): Promise<Reservation>;
  /**
   * Sets aside all the lines of one published product and marks it with the order, unless it bears the mark already.
   * @param lines all of this product
   * @returns false when the product does not have them all
   */
  setAside(orderId: string, productId: string, lines: readonly StockLine[], origin: Partial<Origin>): Promise<boolean>;
  /** Gives the units back and takes the mark off; does nothing to a product without the mark. */
  putBack(orderId: string, productId: string, lines: readonly StockLine[], origin: Partial<Origin>): Promise<void>;
  /** Which lines of products without the order's mark cannot be served at this moment. */
  findShortages(orderId: string, lines: readonly StockLine[]): Promise<Shortages>;
  /** Answers the order, if its reservation is still PENDING: state and event in one change. @returns what is there now */
  settle(orderId: string, answer: StockAnswer, origin: Partial<Origin>): Promise<Reservation>;
  /** Ends the reservation, also one that is not there yet. REJECTED stays. @returns what is there now */
  release(orderId: string): Promise<Reservation>;
  /** Reservations that were rejected or released since then. */
  endedSince(moment: Date): AsyncIterable<Reservation>;
}
