import type { EventDefinition } from "./define-event";
import { orderCancelled } from "./order-cancelled";
import { orderConfirmed } from "./order-confirmed";
import { orderPlaced } from "./order-placed";
import { productCreated } from "./product-created";
import { sessionRevoked } from "./session-revoked";
import { stockChanged } from "./stock-changed";
import { stockRejected } from "./stock-rejected";
import { stockReserved } from "./stock-reserved";
import { userRegistered } from "./user-registered";
import { variantRepriced } from "./variant-repriced";

/** Every event of the platform. What is not here can be neither written nor read. */
export const EVENT_CATALOGUE: readonly EventDefinition<never>[] = [
  userRegistered,
  sessionRevoked,
  productCreated,
  variantRepriced,
  stockChanged,
  stockReserved,
  stockRejected,
  orderPlaced,
  orderConfirmed,
  orderCancelled,
] as readonly EventDefinition<never>[];

/** Who listens to the events of one publisher, each with the types it gets: what a publisher declares before it publishes. */
export function listenersOf(publisher: string): { name: string; eventTypes: string[] }[] {
  const types = new Map<string, string[]>();
  for (const { type, listeners, publisher: from } of EVENT_CATALOGUE) {
    if (from === publisher) for (const name of listeners) types.set(name, [...(types.get(name) ?? []), type]);
  }
  return [...types].map(([name, eventTypes]) => ({ name, eventTypes }));
}
