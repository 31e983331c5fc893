import { defineEvent } from "./define-event";

export interface SessionRevokedData {
  /** The `sid` of the session's access tokens. */
  sessionId: string;
  userId: string;
  reason: "LOGGED_OUT" | "TOKEN_REUSED";
}

export const sessionRevoked = defineEvent<SessionRevokedData>({
  type: "users.session.revoked.v1",
  description:
    "A session ended before its time; its access tokens must not be trusted any longer. One event for each session.",
  publisher: "users",
  listeners: [],
  schema: {
    type: "object",
    required: ["sessionId", "userId", "reason"],
    properties: {
      sessionId: { type: "string", format: "uuid" },
      userId: { type: "string", format: "uuid" },
      reason: { type: "string", enum: ["LOGGED_OUT", "TOKEN_REUSED"] },
    },
  },
});
