import { newId } from "../../../kit/ids";

/** The `webhook-id` of a new message. */
export const messageId = (): string => `msg_${newId().replaceAll("-", "")}`;
