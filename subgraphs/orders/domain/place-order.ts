import { createHash } from "node:crypto";
import { isId, newId } from "../../../kit/ids";
import { requireIdentity, type Viewer } from "../../../kit/viewer";
import { customerFor, isCustomer } from "./access";
import { type Basket, type PlaceOrderInput, readBasket } from "./basket";
import type { Order } from "./order";
import type { Actor, EarlierOrder, OrderStore } from "./order-store";
import type { Origin } from "./origin";
import { priceBasket } from "./price-basket";
import type { PriceSource } from "./price-source";
import { isRefusal, type PlaceOrderRefusal } from "./refusals";

/**
 * Answers at once with a PENDING order; its stock is decided by events. Nothing is written when it is refused or when prices cannot be
 * had, so the same idempotency key can be tried again.
 * @throws ClientError UNAUTHENTICATED, FORBIDDEN, or SERVICE_UNAVAILABLE when the catalogue does not answer
 */
export async function placeOrder(
  { store, prices, now }: { store: OrderStore; prices: PriceSource; now: () => Date },
  viewer: Viewer,
  input: PlaceOrderInput,
  origin: Origin,
): Promise<Order | PlaceOrderRefusal> {
  const customerId = customerFor(viewer, input.customerId ?? undefined);
  const isOwn = customerId !== undefined && isCustomer(viewer, customerId);
  if (customerId === undefined || (!isOwn && !isId(customerId))) return noCustomer;
  const { kind, subject } = requireIdentity(viewer);
  const actor: Actor = `${kind}:${subject}`;
  const basket = readBasket(input);
  if (isRefusal(basket)) return basket;

  // Before asking for prices: a repeated request gets its order also when the product is no longer for sale or the catalogue is away.
  const given = input.idempotencyKey ?? undefined;
  const key = given === undefined || isOwn ? given : keyOfAnother(actor, given);
  const known = key === undefined ? undefined : await store.earlierOrder(customerId, key);
  if (known) return sameOrder(known, basket);

  const quotes = await prices.quote(
    basket.lines.map(({ variantId }) => variantId),
    origin,
  );
  const priced = priceBasket(basket, quotes);
  if (isRefusal(priced)) return priced;

  const outcome = await store.place(
    {
      id: newId(),
      customerId,
      placedAt: now(),
      ...priced,
      idempotency: key === undefined ? undefined : { key, fingerprint: basket.fingerprint },
    },
    actor,
    origin,
  );
  return "placed" in outcome ? outcome.placed : sameOrder(outcome.earlier, basket);
}

const noCustomer: PlaceOrderRefusal = {
  refusal: "INVALID_INPUT",
  message: "Say for whom: customerId is the id of a user.",
  path: ["input", "customerId"],
};

/** Keys belong to a customer's orders: those of others who order for the customer must not meet the customer's own. */
const keyOfAnother = (actor: Actor, key: string): string =>
  createHash("sha256").update(`${actor}\n${key}`).digest("base64url");

function sameOrder(earlier: EarlierOrder, basket: Basket): Order | PlaceOrderRefusal {
  if (earlier.fingerprint === basket.fingerprint) return earlier.order;
  return {
    refusal: "IDEMPOTENCY_CONFLICT",
    message: "This idempotency key was used for an order with other lines; take a new key.",
    path: ["input", "idempotencyKey"],
  };
}
