import type { CheckCall } from "../calls/call";
import { CallRefused } from "../calls/call-refused";

/** A key that was made for some operations runs no others of its partner. */
export const refuseOtherOperations: CheckCall = ({ partner, operation }) => {
  if (partner.operations && !partner.operations.has(operation.name)) {
    throw new CallRefused(403, "FORBIDDEN", `The API key was not made for the operation ${operation.name}.`);
  }
};
