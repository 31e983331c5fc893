import type { Origin } from "./origin";
import type { Reservation, StockLine, StockStore } from "./stock-store";

/** The lines of an order by their product, always in the same order. */
export function byProduct(lines: readonly StockLine[]): [productId: string, lines: StockLine[]][] {
  const groups = new Map<string, StockLine[]>();
  for (const line of lines) {
    const group = groups.get(line.productId);
    if (group) group.push(line);
    else groups.set(line.productId, [line]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Gives back what is set aside for a reservation that has ended; as often as one likes. */
export async function putBackStock(
  store: StockStore,
  { orderId, state, lines }: Reservation,
  origin: Partial<Origin>,
): Promise<void> {
  if (state !== "REJECTED" && state !== "RELEASED") throw new Error(`a reservation that is ${state} keeps its units`);
  for (const [productId, ofProduct] of byProduct(lines)) await store.putBack(orderId, productId, ofProduct, origin);
}
