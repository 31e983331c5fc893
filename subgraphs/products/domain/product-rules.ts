import { CURRENCIES, type Currency, type Price, type VariantOption } from "./product";
import { type InvalidInput, invalidInput } from "./refusals";

export const MAX_AMOUNT_MINOR = 100_000_000;
export const MAX_UNITS = 1_000_000;
export const MAX_WEIGHT_GRAMS = 1_000_000;
export const MAX_VARIANTS = 50;
const MAX_OPTIONS = 10;

const SLUG = /^(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*$/;
const SKU = /^(?=.{2,40}$)[A-Z0-9]+(-[A-Z0-9]+)*$/;
/** Visible ASCII: it is stored as text and compared exactly. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
// Line breaks and tabs are for descriptions; the other control characters are for nobody.
const CONTROL = /[\p{Cc}\p{Cs}]/u;

export const isSlug = (text: string): boolean => SLUG.test(text);
export const isSku = (text: string): boolean => SKU.test(text);

export interface NewProductInput {
  readonly slug: string;
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly categoryId: string;
  readonly variants: readonly NewVariantInput[];
  readonly publish?: boolean | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

export interface NewVariantInput {
  readonly sku: string;
  readonly title: string;
  readonly options?: readonly VariantOption[] | null | undefined;
  readonly price: Price;
  readonly weightGrams: number;
  readonly onHand?: number | null | undefined;
}

/** The first broken rule of a new product, if any. Every limit is stated in the schema's descriptions. */
export function checkNewProduct(input: NewProductInput): InvalidInput | undefined {
  const { slug, name, description, variants, idempotencyKey } = input;
  if (idempotencyKey != null && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    return invalidInput("An idempotency key has 1 to 255 visible ASCII characters and no blanks.", "idempotencyKey");
  }
  if (!isSlug(slug)) {
    return invalidInput("A slug has 1 to 80 small letters and digits, in parts joined by single dashes.", "slug");
  }
  if (!isLine(name, 120)) return invalidInput("A name is one line of 1 to 120 characters.", "name");
  const text = description ?? "";
  if (text.length > 5_000 || CONTROL.test(text.replace(/[\n\t]/g, ""))) {
    return invalidInput("A description has at most 5000 characters.", "description");
  }
  if (variants.length < 1 || variants.length > MAX_VARIANTS) {
    return invalidInput(`A product has 1 to ${MAX_VARIANTS} variants.`, "variants");
  }
  const currency = variants[0]?.price.currency;
  const skus = new Set<string>();
  for (const [index, variant] of variants.entries()) {
    const place = ["variants", String(index)];
    const broken = checkVariant(variant, place);
    if (broken) return broken;
    if (skus.has(variant.sku)) return invalidInput("Each variant has its own SKU.", ...place, "sku");
    skus.add(variant.sku);
    if (variant.price.currency !== currency) {
      return invalidInput("All variants of a product are priced in one currency.", ...place, "price", "currency");
    }
  }
  return undefined;
}

function checkVariant(variant: NewVariantInput, place: readonly string[]): InvalidInput | undefined {
  if (!isSku(variant.sku)) {
    return invalidInput(
      "A SKU has 2 to 40 capital letters and digits, in parts joined by single dashes.",
      ...place,
      "sku",
    );
  }
  if (!isLine(variant.title, 120)) {
    return invalidInput("A title is one line of 1 to 120 characters.", ...place, "title");
  }
  const options = variant.options ?? [];
  if (options.length > MAX_OPTIONS || !options.every((option) => isLine(option.name, 40) && isLine(option.value, 80))) {
    return invalidInput(
      `A variant has at most ${MAX_OPTIONS} options, with names of 1 to 40 and values of 1 to 80 characters.`,
      ...place,
      "options",
    );
  }
  if (!isWhole(variant.weightGrams, MAX_WEIGHT_GRAMS)) {
    return invalidInput(`A weight is 0 to ${MAX_WEIGHT_GRAMS} grams.`, ...place, "weightGrams");
  }
  return (
    checkPrice(variant.price, [...place, "price"]) ??
    (variant.onHand == null ? undefined : checkUnits(variant.onHand, [...place, "onHand"]))
  );
}

export function checkPrice({ amountMinor, currency }: Price, place: readonly string[]): InvalidInput | undefined {
  if (!CURRENCIES.includes(currency satisfies Currency)) {
    return invalidInput(`A price is in ${CURRENCIES.join(", ")}.`, ...place, "currency");
  }
  return isWhole(amountMinor, MAX_AMOUNT_MINOR)
    ? undefined
    : invalidInput(`A price is 0 to ${MAX_AMOUNT_MINOR} minor units.`, ...place, "amountMinor");
}

export const checkUnits = (units: number, place: readonly string[]): InvalidInput | undefined =>
  isWhole(units, MAX_UNITS) ? undefined : invalidInput(`Units on hand are 0 to ${MAX_UNITS}.`, ...place);

const isWhole = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;
const isLine = (text: string, max: number): boolean => text.trim() !== "" && text.length <= max && !CONTROL.test(text);
