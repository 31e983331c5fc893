import { forbidden } from "../../../kit/errors";
import { isId } from "../../../kit/ids";
import { hasScope, requireIdentity, type Viewer } from "../../../kit/viewer";
import { isCustomer, mayReadOrder, WRITE_ORDERS } from "./access";
import type { CancelReason, Order } from "./order";
import type { OrderStore } from "./order-store";
import type { Origin } from "./origin";
import type { CancelOrderRefusal } from "./refusals";

export interface CancelOrderInput {
  readonly orderId: string;
  readonly reason?: CancelReason | null | undefined;
  /** Of a call that may come again: then it is answered as the first time, not that the order is cancelled already. */
  readonly effectKey?: string | undefined;
}

const NOT_FOUND: CancelOrderRefusal = {
  refusal: "ORDER_NOT_FOUND",
  message: "There is no such order.",
  path: ["input", "orderId"],
};

/**
 * Customers cancel their own orders; who has `orders:write` cancels any, and may say why.
 * @throws ClientError UNAUTHENTICATED, or FORBIDDEN to one who may see the order but not cancel it
 */
export async function cancelOrder(
  { store, now }: { store: OrderStore; now: () => Date },
  viewer: Viewer,
  { orderId, reason, effectKey }: CancelOrderInput,
  origin: Origin,
): Promise<Order | CancelOrderRefusal> {
  const identity = requireIdentity(viewer);
  if (!isId(orderId)) return NOT_FOUND;
  const mayWrite = hasScope(identity, WRITE_ORDERS);
  if (!mayWrite && reason != null && reason !== "CUSTOMER_REQUEST") {
    return {
      refusal: "INVALID_INPUT",
      message: "Customers cancel with the reason CUSTOMER_REQUEST; the others are for staff.",
      path: ["input", "reason"],
    };
  }

  const outcome = await store.change<CancelOrderRefusal>(
    orderId,
    (order) => {
      const own = isCustomer(identity, order.customerId);
      if (!own && !mayWrite) {
        if (mayReadOrder(identity, order)) throw forbidden(`Cancelling this order needs the scope "${WRITE_ORDERS}".`);
        return { instead: NOT_FOUND };
      }
      return {
        change: { on: "CANCELLATION_REQUESTED", reason: reason ?? (own ? "CUSTOMER_REQUEST" : "STAFF_REQUEST") },
        actor: `${identity.kind}:${identity.subject}`,
      };
    },
    { at: now(), origin, effectKey },
  );
  if ("changed" in outcome) return outcome.changed;
  if ("repeated" in outcome) return outcome.repeated;
  if ("instead" in outcome) return outcome.instead;
  if ("illegal" in outcome) {
    return {
      refusal: "ORDER_NOT_CANCELLABLE",
      message: `An order that is ${outcome.illegal.status} cannot be cancelled.`,
      path: ["input", "orderId"],
      status: outcome.illegal.status,
    };
  }
  return NOT_FOUND;
}
