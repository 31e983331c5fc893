import type { Origin } from "./origin";
import { byProduct, putBackStock } from "./put-back-stock";
import type { Reservation, StockAnswer, StockLine, StockStore } from "./stock-store";

/**
 * Reserves all lines of an order or none, and answers RESERVED or REJECTED with an event, once. Runs again from the start whenever the
 * event comes again; ends in the same state wherever an earlier run died, and however many run at once. No transaction is needed:
 *
 * 1. Units are set aside while the reservation is PENDING, at most once per product: the product bears the order's mark.
 * 2. Marks are taken off only after the reservation has been seen REJECTED or RELEASED, which it then stays. So when the step to
 *    RESERVED succeeds, no mark has ever been taken off: everything is set aside.
 * 3. Whoever finds the reservation ended gives back what bears its mark, and only then is the event acknowledged: what another run set
 *    aside too late is given back by that run, or by the one that gets its event again.
 *
 * @param lines of the event; several of one variant are added up
 * @returns how the reservation ended up
 */
export async function reserveStock(
  store: StockStore,
  orderId: string,
  lines: readonly StockLine[],
  origin: Partial<Origin>,
): Promise<Reservation> {
  let reservation = await store.begin(orderId, addUp(lines));
  if (reservation.state === "PENDING") {
    const answer = await setAsideAll(store, reservation, origin);
    reservation = await store.settle(orderId, answer, origin);
  }
  if (reservation.state !== "RESERVED") await putBackStock(store, reservation, origin);
  return reservation;
}

async function setAsideAll(
  store: StockStore,
  { orderId, lines }: Reservation,
  origin: Partial<Origin>,
): Promise<StockAnswer> {
  for (const [productId, ofProduct] of byProduct(lines)) {
    if (await store.setAside(orderId, productId, ofProduct, origin)) continue;
    const { unavailable, outOfStock } = await store.findShortages(orderId, lines);
    const short = [...unavailable, ...outOfStock];
    return {
      state: "REJECTED",
      reason: unavailable.length > 0 ? "PRODUCT_UNAVAILABLE" : "OUT_OF_STOCK",
      // Units may have come back since the product refused: then its lines were the short ones.
      variantIds: short.length > 0 ? short : ofProduct.map(({ variantId }) => variantId),
    };
  }
  return { state: "RESERVED" };
}

function addUp(lines: readonly StockLine[]): StockLine[] {
  const sums = new Map<string, StockLine>();
  for (const { productId, variantId, quantity } of lines) {
    const name = `${productId} ${variantId}`;
    sums.set(name, { productId, variantId, quantity: quantity + (sums.get(name)?.quantity ?? 0) });
  }
  return [...sums.values()];
}
