import type { Order, OrderChange, OrderLine } from "./order";
import type { Origin } from "./origin";
import type { OrderStatus } from "./transitions";

/** Who or what changes an order, for its timeline: `user:<id>`, `service:products`. */
export type Actor = `${"user" | "partner" | "service"}:${string}`;

export type NewOrder = Pick<Order, "id" | "customerId" | "currency" | "totalMinor" | "placedAt"> & {
  readonly lines: readonly OrderLine[];
  /** Present when the client gave a key: then one customer gets one order for it, however often and at once it is asked for. */
  readonly idempotency?: Idempotency | undefined;
};

export interface Idempotency {
  readonly key: string;
  readonly fingerprint: string;
}

/** An order that was placed before under the same idempotency key. */
export interface EarlierOrder {
  readonly order: Order;
  /** Of the request that placed it. */
  readonly fingerprint: string;
}

/** Writes. Each changes the order, its timeline and the outbox in one transaction. */
export interface OrderStore {
  earlierOrder(customerId: string, idempotencyKey: string): Promise<EarlierOrder | undefined>;

  /** @returns `earlier` instead of writing anything when another request with the same key was first */
  place(order: NewOrder, actor: Actor, origin: Origin): Promise<{ placed: Order } | { earlier: EarlierOrder }>;

  /**
   * Decides on the order's row under a lock, so that of two changes at once one sees the other.
   * @param decide answers the change, or what to answer instead of changing anything
   * @param change.effectKey names the change: the second time nothing is changed
   * @param change.oncePerEvent with the consumer and the id of an event: the second time nothing is decided
   */
  change<Other>(
    orderId: string,
    decide: (order: Order) => { change: OrderChange; actor: Actor } | { instead: Other },
    context: {
      at: Date;
      origin: Partial<Origin>;
      effectKey?: string | undefined;
      oncePerEvent?: { consumer: string; eventId: string };
    },
  ): Promise<ChangeOutcome<Other>>;
}

export type ChangeOutcome<Other> =
  | { readonly changed: Order }
  /** It was changed before under the same key. */
  | { readonly repeated: Order }
  /** The transition table has no place for the change. */
  | { readonly illegal: Order }
  | { readonly instead: Other }
  | { readonly missing: true }
  | { readonly handledBefore: true };

/** The place of an order in a list, which is sorted from new to old. */
export interface OrderPosition {
  readonly placedAt: Date;
  readonly id: string;
}

/** What part of a list is wanted. Answered with one row more than `limit` if there is one, which tells that the list goes on. */
export interface OrderSlice {
  /** From the newest on, or `backward` from the oldest on, in that order. */
  readonly direction: "forward" | "backward";
  readonly limit: number;
  /** Only orders older than this. */
  readonly after?: OrderPosition;
  /** Only orders newer than this. */
  readonly before?: OrderPosition;
}

export interface OrderFilter {
  readonly status?: OrderStatus | undefined;
}

/** Reads, each one query however many are asked for. What does not exist is not in the map. */
export interface OrderReader {
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, Order>>;
  byNumbers(numbers: readonly string[]): Promise<ReadonlyMap<string, Order>>;
  linesOf(orderIds: readonly string[]): Promise<ReadonlyMap<string, readonly OrderLine[]>>;
  /** The same slice of each customer's list. */
  ofCustomers(customerIds: readonly string[], slice: OrderSlice): Promise<ReadonlyMap<string, readonly Order[]>>;
  countOfCustomers(customerIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  all(filter: OrderFilter, slice: OrderSlice): Promise<readonly Order[]>;
  countAll(filter: OrderFilter): Promise<number>;
}
