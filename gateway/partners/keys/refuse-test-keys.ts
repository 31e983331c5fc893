import type { CallStage } from "../calls/call";
import { CallRefused } from "../calls/call-refused";

/** Test keys promise calls without side effects: on live data they run nothing. */
export const refuseTestKeys: CallStage = async (call, next) => {
  if (call.partner.mode === "test") throw new CallRefused(403, "FORBIDDEN", "Test keys run nothing on live data.");
  return next(call);
};
