import { DEMO_LAST_UNIT_VARIANT, DEMO_VARIANT } from "../../../../schema/demo";
import type { Product, Variant, VariantOption } from "../../domain/product";
import { DEMO_CATEGORIES } from "./demo-categories";
import { type Choice, DEMO_GOODS, type DemoGoods } from "./demo-goods";

/** Enough for everyone who tries the shop for years. */
const PLENTY = 5_000;
const OPENING = Date.UTC(2026, 0, 5, 9);
const DAY_MS = 24 * 60 * 60 * 1_000;

interface Form {
  readonly title: string;
  readonly suffix: string;
  readonly option?: VariantOption;
  /** Per cent of the goods' price. */
  readonly percent: number;
}

const form = (name: string, value: string, suffix: string, percent = 100): Form => ({
  title: value,
  suffix,
  option: { name, value },
  percent,
});

const FORMS: { readonly [C in Choice]: readonly Form[] } = {
  none: [{ title: "One size", suffix: "1", percent: 100 }],
  colour: [
    form("colour", "Slate", "SLATE"),
    form("colour", "Moss", "MOSS"),
    form("colour", "Clay", "CLAY"),
    form("colour", "Ink", "INK"),
  ],
  size: [form("size", "Small", "S", 80), form("size", "Medium", "M"), form("size", "Large", "L", 130)],
  format: [form("format", "A4", "A4", 70), form("format", "A3", "A3"), form("format", "A2", "A2", 150)],
};

/** Every product of the demo shop, the same each time: ids, prices and units follow from the place in the list. */
export function demoProducts(): Product[] {
  const products: Product[] = [mug(), print()];
  let variants = products.length;
  for (const [categorySlug, list] of Object.entries(DEMO_GOODS)) {
    for (const goods of list) {
      const number = products.length + 1;
      const forms = FORMS[goods.choice].slice(0, goods.choice === "colour" ? 2 + (number % 3) : undefined);
      products.push({
        ...frame(number, goods.name, categorySlug, goods.description),
        slug: toSlug(goods.name),
        variants: forms.map((each) => toVariant(goods, each, ++variants)),
      });
    }
  }
  return products;
}

const toSlug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
const toId = (kind: "b" | "c", number: number): string =>
  `01890000-0000-7000-8000-0000000${kind}${String(number).padStart(4, "0")}`;

function frame(number: number, name: string, categorySlug: string, description: string) {
  const category = DEMO_CATEGORIES.find(({ slug }) => slug === categorySlug);
  if (!category) throw new Error(`there is no demo category "${categorySlug}"`);
  return {
    id: toId("b", number),
    name,
    description,
    status: "PUBLISHED",
    categoryId: category._id,
    createdAt: new Date(OPENING + number * DAY_MS),
    version: 1,
  } as const;
}

function toVariant(goods: DemoGoods, { title, suffix, option, percent }: Form, number: number): Variant {
  // Every eleventh variant is sold out, so that a shop window has to deal with it.
  const units = number % 11 === 0 ? 0 : 8 + ((number * 37) % 90);
  return {
    id: toId("c", number),
    sku: `${goods.stem}-${suffix}`,
    title,
    options: option ? [option] : [],
    price: { amountMinor: Math.round((goods.priceMinor * percent) / 1_000) * 10, currency: "EUR" },
    weightGrams: Math.round((goods.weightGrams * percent) / 100),
    ...stockOf(units),
  };
}

const stockOf = (units: number) => ({ onHand: units, reserved: 0, available: units });

function mug(): Product {
  const { productId, productSlug, variantId, sku } = DEMO_VARIANT;
  const name = "River Stone Mug";
  const text = "Hand-thrown stoneware mug for 350 ml, shaped like a stone that the river has had for a while.";
  const price = { amountMinor: 1_490, currency: "EUR" } as const;
  const options = [{ name: "volume", value: "350 ml" }];
  const variant = { id: variantId, sku, title: name, options, price, weightGrams: 380, ...stockOf(PLENTY) };
  return { ...frame(1, name, "tableware", text), id: productId, slug: productSlug, variants: [variant] };
}

function print(): Product {
  const { productId, productSlug, variantId, sku } = DEMO_LAST_UNIT_VARIANT;
  const text = "Screen print of a river that becomes the sea, signed by the artist. The last one of its edition.";
  const price = { amountMinor: 8_900, currency: "EUR" } as const;
  const options = [{ name: "format", value: "A2" }];
  const variant = { id: variantId, sku, title: "signature print", options, price, weightGrams: 240, ...stockOf(1) };
  return { ...frame(2, "Delta", "prints", text), id: productId, slug: productSlug, variants: [variant] };
}
