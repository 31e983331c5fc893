import type { OrderStatus } from "./transitions";

/** A refusal that the client can act on: returned, never thrown. `path` leads into the arguments of the mutation. */
interface RefusalOf<Code extends string> {
  readonly refusal: Code;
  readonly message: string;
  readonly path: readonly string[] | null;
}

export type InvalidInput = RefusalOf<"INVALID_INPUT">;
export type EmptyOrder = RefusalOf<"EMPTY_ORDER">;
export type TooManyLines = RefusalOf<"TOO_MANY_LINES"> & { readonly maxLines: number };
export type InvalidQuantity = RefusalOf<"INVALID_QUANTITY"> & {
  readonly variantId: string;
  readonly minQuantity: number;
  readonly maxQuantity: number;
};
export type UnknownVariant = RefusalOf<"UNKNOWN_VARIANT"> & { readonly variantId: string };
export type MixedCurrencies = RefusalOf<"MIXED_CURRENCIES"> & { readonly currencies: readonly string[] };
export type IdempotencyConflict = RefusalOf<"IDEMPOTENCY_CONFLICT">;
export type OrderNotFound = RefusalOf<"ORDER_NOT_FOUND">;
export type OrderNotCancellable = RefusalOf<"ORDER_NOT_CANCELLABLE"> & { readonly status: OrderStatus };

export type PlaceOrderRefusal =
  InvalidInput | EmptyOrder | TooManyLines | InvalidQuantity | UnknownVariant | MixedCurrencies | IdempotencyConflict;

export type CancelOrderRefusal = InvalidInput | OrderNotFound | OrderNotCancellable;

export type Refusal = PlaceOrderRefusal | CancelOrderRefusal;

export const isRefusal = <T extends object>(outcome: T | Refusal): outcome is Refusal => "refusal" in outcome;
