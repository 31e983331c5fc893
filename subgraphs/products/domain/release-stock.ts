import type { Origin } from "./origin";
import { putBackStock } from "./put-back-stock";
import type { Reservation, StockStore } from "./stock-store";

/**
 * Gives back what an order has reserved. May come before the order itself: then the order finds its reservation released and gets
 * nothing. May come while the reservation is being made: then whoever is second gives back.
 */
export async function releaseStock(store: StockStore, orderId: string, origin: Partial<Origin>): Promise<Reservation> {
  const reservation = await store.release(orderId);
  await putBackStock(store, reservation, origin);
  return reservation;
}

/** Longer than a broker waits for an acknowledgement, and than an operator takes to start a process again. */
const LOOK_BACK_MS = 24 * 60 * 60 * 1_000;

/**
 * Gives back what reservations that ended lately still have set aside. Needed after one accident only: a process that had lost its
 * connection, whose event another process has handled meanwhile, set units aside too late and was killed before it could undo that.
 * Run when a process starts.
 */
export async function putBackLeftovers(store: StockStore, now: Date): Promise<void> {
  for await (const reservation of store.endedSince(new Date(now.getTime() - LOOK_BACK_MS))) {
    await putBackStock(store, reservation, {});
  }
}
