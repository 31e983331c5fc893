import { GraphQLError } from "graphql";
import type { ErrorCode } from "../../../kit/errors";
import type { Delivery } from "./delivery";

// Each part ends with the boundary of the next: parsers take a part when they see its end.
const BOUNDARY = "\r\n--graphql";
const part = (json: string): string => `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}${BOUNDARY}`;
const HEARTBEAT = part("{}");
const END = "--\r\n";

const GOING_AWAY = new GraphQLError("This gateway ends; subscribe again, with the cursor of the last message.", {
  extensions: { code: "SUBSCRIPTION_GOING_AWAY" satisfies ErrorCode },
});

/**
 * Multipart subscriptions as Apollo's clients read them. Errors that end the subscription stand beside an empty payload.
 * https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
export const multipart: Delivery = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
  opening: BOUNDARY + HEARTBEAT,
  message: ({ text }) => part(`{"payload":${text}}`),
  heartbeat: HEARTBEAT,
  ending: (ending) => {
    if (ending.kind === "complete") return END;
    const errors = ending.kind === "error" ? ending.errors : [GOING_AWAY];
    return part(`{"payload":null,"errors":${JSON.stringify(errors)}}`) + END;
  },
};
