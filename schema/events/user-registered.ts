import { defineEvent } from "./define-event";

export interface UserRegisteredData {
  userId: string;
}

export const userRegistered = defineEvent<UserRegisteredData>({
  type: "users.user.registered.v1",
  description: "Someone opened an account. The body names no personal data: who needs it asks by id.",
  publisher: "users",
  listeners: [],
  schema: {
    type: "object",
    required: ["userId"],
    properties: { userId: { type: "string", format: "uuid" } },
  },
});
