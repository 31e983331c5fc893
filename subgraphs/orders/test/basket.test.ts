import fc from "fast-check";
import { newId } from "../../../kit/ids";
import { MAX_LINES, MAX_QUANTITY, readBasket } from "../domain/basket";
import { MAX_AMOUNT_MINOR } from "../domain/money";
import { lineTotal } from "../domain/order";
import { priceBasket } from "../domain/price-basket";
import type { Quote } from "../domain/price-source";
import { isRefusal } from "../domain/refusals";

const [mug, print] = [newId(), newId()] as const;

const quote = (variantId: string, amountMinor: number, currency: "EUR" | "USD" | "GBP" = "EUR"): Quote => ({
  variantId,
  productId: newId(),
  title: "A thing",
  sku: `SKU-${variantId}`,
  price: { amountMinor, currency },
  forSale: true,
});
const quotesOf = (...quotes: Quote[]) => new Map(quotes.map((each) => [each.variantId, each]));
const read = (...lines: { variantId: string; quantity: number }[]) => readBasket({ lines });
const basketOf = (...lines: { variantId: string; quantity: number }[]) => ({
  lines: lines.map((line, index) => ({ ...line, path: ["input", "lines", String(index)] })),
});

describe("reading a basket", () => {
  it.each([0, -1, -2_147_483_648, MAX_QUANTITY + 1, 2_147_483_647])(
    "refuses the quantity %d and says where",
    (quantity) => {
      expect(read({ variantId: mug, quantity: 1 }, { variantId: print, quantity })).toMatchObject({
        refusal: "INVALID_QUANTITY",
        path: ["input", "lines", "1", "quantity"],
        variantId: print,
        minQuantity: 1,
        maxQuantity: 1000,
      });
    },
  );

  it("puts lines of one variant together and bounds their sum", () => {
    expect(
      read({ variantId: mug, quantity: 2 }, { variantId: print, quantity: 1 }, { variantId: mug, quantity: 3 }),
    ).toMatchObject({
      lines: [
        { variantId: mug, quantity: 5 },
        { variantId: print, quantity: 1 },
      ],
    });
    expect(read({ variantId: mug, quantity: 600 }, { variantId: mug, quantity: 600 })).toMatchObject({
      refusal: "INVALID_QUANTITY",
      path: ["input", "lines", "1", "quantity"],
    });
    expect(read({ variantId: mug, quantity: 10 }, { variantId: mug, quantity: -9 })).toMatchObject({
      refusal: "INVALID_QUANTITY",
    });
  });

  it("refuses an order without lines and one with too many", () => {
    expect(read()).toMatchObject({ refusal: "EMPTY_ORDER", path: ["input", "lines"] });
    const many = Array.from({ length: MAX_LINES + 1 }, () => ({ variantId: mug, quantity: 1 }));
    expect(read(...many)).toMatchObject({ refusal: "TOO_MANY_LINES", maxLines: MAX_LINES });
  });

  it.each(["", "nope", "1; drop table orders", "\u0000", "__proto__"])("knows no variant %j", (variantId) => {
    expect(read({ variantId, quantity: 1 })).toMatchObject({
      refusal: "UNKNOWN_VARIANT",
      path: ["input", "lines", "0", "variantId"],
    });
  });

  it.each(["", " ", "a b", "\u0000", "é", "x".repeat(256)])("refuses the idempotency key %j", (idempotencyKey) => {
    expect(readBasket({ lines: [{ variantId: mug, quantity: 1 }], idempotencyKey })).toMatchObject({
      refusal: "INVALID_INPUT",
      path: ["input", "idempotencyKey"],
    });
  });

  it("gives requests for the same things the same fingerprint, and others another", () => {
    const fingerprint = (...lines: { variantId: string; quantity: number }[]) => {
      const basket = read(...lines);
      if (isRefusal(basket)) throw new Error(basket.message);
      return basket.fingerprint;
    };
    const one = fingerprint({ variantId: mug, quantity: 2 }, { variantId: print, quantity: 1 });
    expect(fingerprint({ variantId: print, quantity: 1 }, { variantId: mug, quantity: 2 })).toBe(one);
    expect(fingerprint({ variantId: mug, quantity: 1 }, { variantId: print, quantity: 2 })).not.toBe(one);
  });
});

describe("pricing a basket", () => {
  const amounts = fc.integer({ min: 0, max: MAX_AMOUNT_MINOR });
  const wanted = fc.array(fc.record({ price: amounts, quantity: fc.integer({ min: 1, max: MAX_QUANTITY }) }), {
    minLength: 1,
    maxLength: MAX_LINES,
  });

  it("makes totals of whole minor units that always add up, or refuses", () => {
    fc.assert(
      fc.property(wanted, (items) => {
        const lines = items.map(({ quantity }) => ({ variantId: newId(), quantity }));
        const quotes = quotesOf(...lines.map(({ variantId }, index) => quote(variantId, items[index]!.price)));
        const exact = items.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n);

        const priced = priceBasket(basketOf(...lines), quotes);
        if (exact > BigInt(MAX_AMOUNT_MINOR)) {
          expect(priced).toMatchObject({ refusal: "INVALID_INPUT" });
        } else if (isRefusal(priced)) {
          throw new Error(`refused: ${priced.message}`);
        } else {
          expect(BigInt(priced.totalMinor)).toBe(exact);
          const totals = priced.lines.map((line) => lineTotal(line).amountMinor);
          expect(totals.every(Number.isSafeInteger)).toBe(true);
          expect(totals.reduce((sum, total) => sum + total, 0)).toBe(priced.totalMinor);
        }
      }),
    );
  });

  it("makes totals of believable prices", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 20 })), {
          minLength: 1,
          maxLength: 20,
        }),
        (items) => {
          const lines = items.map(([, quantity]) => ({ variantId: newId(), quantity }));
          const quotes = quotesOf(...lines.map(({ variantId }, index) => quote(variantId, items[index]![0])));
          const priced = priceBasket(basketOf(...lines), quotes);
          expect(priced).toMatchObject({
            totalMinor: items.reduce((sum, [price, quantity]) => sum + price * quantity, 0),
          });
        },
      ),
    );
  });

  it("refuses lines in several currencies and names them", () => {
    expect(
      priceBasket(
        basketOf({ variantId: mug, quantity: 1 }, { variantId: print, quantity: 1 }),
        quotesOf(quote(mug, 100, "EUR"), quote(print, 100, "USD")),
      ),
    ).toMatchObject({ refusal: "MIXED_CURRENCIES", currencies: ["EUR", "USD"] });
  });

  it("refuses what products do not know and what is not for sale, alike", () => {
    const unknown = priceBasket(basketOf({ variantId: mug, quantity: 1 }), quotesOf());
    const draft = priceBasket(
      basketOf({ variantId: mug, quantity: 1 }),
      quotesOf({ ...quote(mug, 1), forSale: false }),
    );
    expect(unknown).toMatchObject({
      refusal: "UNKNOWN_VARIANT",
      variantId: mug,
      path: ["input", "lines", "0", "variantId"],
    });
    expect(draft).toEqual(unknown);
  });

  it("keeps what the product was called when it was ordered", () => {
    const known = quote(mug, 1_490);
    expect(priceBasket(basketOf({ variantId: mug, quantity: 2 }), quotesOf(known))).toEqual({
      currency: "EUR",
      totalMinor: 2_980,
      lines: [
        {
          variantId: mug,
          productId: known.productId,
          title: known.title,
          sku: known.sku,
          quantity: 2,
          unitPrice: known.price,
        },
      ],
    });
  });
});
