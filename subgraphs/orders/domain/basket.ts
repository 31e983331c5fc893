import { createHash } from "node:crypto";
import { isId } from "../../../kit/ids";
import type { PlaceOrderRefusal } from "./refusals";

export interface PlaceOrderInput {
  readonly lines: readonly WantedLine[];
  /** Id of a user; undefined: whoever asks. */
  readonly customerId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

export interface WantedLine {
  readonly variantId: string;
  readonly quantity: number;
}

/** What a customer asks for, checked as far as that is possible without knowing the products. */
export interface Basket {
  /** Each variant once, in the order of its first mention. `path` leads to that mention. */
  readonly lines: readonly (WantedLine & { readonly path: readonly string[] })[];
  /** Equal for requests that ask for the same. */
  readonly fingerprint: string;
}

export const MAX_LINES = 100;
export const MIN_QUANTITY = 1;
export const MAX_QUANTITY = 1000;

/** Visible ASCII: it is stored as text and compared exactly. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Lines of one variant are added up, so the bounds of a quantity hold for their sum. */
export function readBasket(input: PlaceOrderInput): Basket | PlaceOrderRefusal {
  const { lines, idempotencyKey } = input;
  if (idempotencyKey != null && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    return {
      refusal: "INVALID_INPUT",
      message: "An idempotency key has 1 to 255 visible ASCII characters and no blanks.",
      path: ["input", "idempotencyKey"],
    };
  }
  if (lines.length === 0) {
    return { refusal: "EMPTY_ORDER", message: "An order needs at least one line.", path: ["input", "lines"] };
  }
  if (lines.length > MAX_LINES) {
    return {
      refusal: "TOO_MANY_LINES",
      message: `An order has at most ${MAX_LINES} lines; split this one.`,
      path: ["input", "lines"],
      maxLines: MAX_LINES,
    };
  }

  const wanted = new Map<string, WantedLine & { path: readonly string[] }>();
  for (const [index, { variantId, quantity }] of lines.entries()) {
    const path = ["input", "lines", String(index)];
    const before = wanted.get(variantId);
    const sum = quantity + (before?.quantity ?? 0);
    // Each line by itself, too: a negative one must not take away from another.
    if (quantity < MIN_QUANTITY || sum > MAX_QUANTITY) return invalidQuantity(variantId, [...path, "quantity"]);
    if (!isId(variantId)) return unknownVariant(variantId, [...path, "variantId"]);
    wanted.set(variantId, { variantId, quantity: sum, path: before?.path ?? path });
  }
  return { lines: [...wanted.values()], fingerprint: fingerprintOf([...wanted.values()]) };
}

const invalidQuantity = (variantId: string, path: readonly string[]): PlaceOrderRefusal => ({
  refusal: "INVALID_QUANTITY",
  message: `The quantity of a variant must be from ${MIN_QUANTITY} to ${MAX_QUANTITY}.`,
  path,
  variantId,
  minQuantity: MIN_QUANTITY,
  maxQuantity: MAX_QUANTITY,
});

export const unknownVariant = (variantId: string, path: readonly string[]): PlaceOrderRefusal => ({
  refusal: "UNKNOWN_VARIANT",
  message: "There is no such variant for sale.",
  path,
  variantId,
});

function fingerprintOf(lines: readonly WantedLine[]): string {
  const parts = lines.map(({ variantId, quantity }) => `${variantId}:${quantity}`).sort();
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}
