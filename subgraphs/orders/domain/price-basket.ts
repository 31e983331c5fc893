import { type Basket, unknownVariant } from "./basket";
import { type Currency, MAX_AMOUNT_MINOR } from "./money";
import { lineTotal, type OrderLine } from "./order";
import type { Quote } from "./price-source";
import type { PlaceOrderRefusal } from "./refusals";

export interface PricedBasket {
  readonly lines: readonly OrderLine[];
  readonly currency: Currency;
  /** The sum of quantity times unit price over all lines. */
  readonly totalMinor: number;
}

/** Puts today's prices to what is wanted. */
export function priceBasket(
  basket: Pick<Basket, "lines">,
  quotes: ReadonlyMap<string, Quote>,
): PricedBasket | PlaceOrderRefusal {
  const lines: OrderLine[] = [];
  for (const { variantId, quantity, path } of basket.lines) {
    const quote = quotes.get(variantId);
    if (!quote?.forSale) return unknownVariant(variantId, [...path, "variantId"]);
    const { productId, title, sku, price } = quote;
    lines.push({ variantId, productId, title, sku, quantity, unitPrice: price });
  }

  const currencies = [...new Set(lines.map(({ unitPrice }) => unitPrice.currency))];
  const [currency] = currencies;
  if (currency === undefined || currencies.length > 1) {
    return {
      refusal: "MIXED_CURRENCIES",
      message: `An order has one currency; these lines have ${currencies.join(", ")}. Order them apart.`,
      path: ["input", "lines"],
      currencies,
    };
  }

  // Sums of at most 100 lines of 1000 units stay exact: 100 * 1000 * 2^31 is far below 2^53.
  const totalMinor = lines.reduce((sum, line) => sum + lineTotal(line).amountMinor, 0);
  if (totalMinor > MAX_AMOUNT_MINOR) {
    return {
      refusal: "INVALID_INPUT",
      message: "The total is more than one order can have; split it.",
      path: ["input", "lines"],
    };
  }
  return { lines, currency, totalMinor };
}
