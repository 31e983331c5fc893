import { forbidden } from "../../../kit/errors";
import { hasScope, type Identity, requireIdentity, type Viewer } from "../../../kit/viewer";
import type { Order } from "./order";

export const READ_ORDERS = "orders:read";
export const WRITE_ORDERS = "orders:write";

/** Only people buy: partners and services act on orders of others by scope. @throws ClientError UNAUTHENTICATED or FORBIDDEN */
export function requireCustomer(viewer: Viewer): Identity {
  const identity = requireIdentity(viewer);
  if (identity.kind !== "user") throw forbidden("Only a signed-in user can place an order.");
  return identity;
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
