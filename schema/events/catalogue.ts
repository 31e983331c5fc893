import type { EventDefinition } from "./define-event";
import { orderCancelled } from "./order-cancelled";
import { orderConfirmed } from "./order-confirmed";
import { orderPlaced } from "./order-placed";
import { productCreated } from "./product-created";
import { stockRejected } from "./stock-rejected";
import { stockReserved } from "./stock-reserved";
import { userRegistered } from "./user-registered";
import { variantRepriced } from "./variant-repriced";

/** Every event of the platform. What is not here can be neither written nor read. */
export const EVENT_CATALOGUE: readonly EventDefinition<never>[] = [
  userRegistered,
  productCreated,
  variantRepriced,
  stockReserved,
  stockRejected,
  orderPlaced,
  orderConfirmed,
  orderCancelled,
] as readonly EventDefinition<never>[];
