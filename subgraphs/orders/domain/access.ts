import { forbidden } from "../../../kit/errors";
import { hasScope, requireIdentity, type Viewer } from "../../../kit/viewer";
import type { Order } from "./order";

export const READ_ORDERS = "orders:read";
export const WRITE_ORDERS = "orders:write";

/**
 * Whose order it becomes: people order for themselves; who has `orders:write` says for whom, as partners and staff do.
 * @param customerId as it was given
 * @returns undefined when the caller has to say for whom, and has not
 * @throws ClientError UNAUTHENTICATED or FORBIDDEN
 */
export function customerFor(viewer: Viewer, customerId: string | undefined): string | undefined {
  const identity = requireIdentity(viewer);
  const own = identity.kind === "user" ? identity.subject : undefined;
  if (own !== undefined && (customerId ?? own) === own) return own;
  if (hasScope(identity, WRITE_ORDERS)) return customerId;
  throw forbidden(
    own === undefined
      ? "Only a signed-in user can place an order."
      : `Placing an order for somebody else needs the scope "${WRITE_ORDERS}".`,
  );
}

export const isCustomer = (viewer: Viewer, customerId: string): boolean =>
  viewer?.kind === "user" && viewer.subject === customerId;

/** Everyone else is told that there is no such order, so that nobody can find out which ones exist. */
export const mayReadOrder = (viewer: Viewer, order: Pick<Order, "customerId">): boolean =>
  isCustomer(viewer, order.customerId) || hasScope(viewer, READ_ORDERS);

/** @throws ClientError UNAUTHENTICATED or FORBIDDEN */
export function requireReaderOfCustomer(viewer: Viewer, customerId: string): void {
  const identity = requireIdentity(viewer);
  if (!isCustomer(identity, customerId) && !hasScope(identity, READ_ORDERS)) {
    throw forbidden("Only the user and staff see the orders of a user.");
  }
}
