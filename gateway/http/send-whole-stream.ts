import type { ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";
import type { ErrorCode } from "../../kit/errors";
import type { AcceptedStream } from "../streams/http/accepted-stream";
import { type Delivery, errorsText } from "../streams/http/delivery";
import { eventStream } from "../streams/http/event-stream";
import { STREAM_HEADERS } from "../streams/http/http-sink";
import { multipart } from "../streams/http/multipart";

const STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  SUBSCRIPTION_LIMIT_EXCEEDED: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
  SUBGRAPH_UNAVAILABLE: 503,
  SUBSCRIPTION_GOING_AWAY: 503,
} satisfies Partial<Record<ErrorCode, number>>;

/** Sends an answer that has the form of a stream and is over at once. @param text JSON of an execution result */
export function sendOneMessage(res: ServerResponse, delivery: Delivery, text: string): void {
  sendWhole(res, delivery, delivery.message({ text }) + delivery.ending({ kind: "complete" }));
}

/**
 * Answers a request whose stream does not begin: in the stream's form to who wants nothing else, as JSON with a status to others.
 * @param isEvents the client is to be answered with events although it might take JSON
 */
export function sendErrors(
  res: ServerResponse,
  accepted: AcceptedStream,
  errors: readonly GraphQLError[],
  isEvents: boolean,
): void {
  if (res.headersSent || res.destroyed) return;
  const text = errorsText(errors);
  const code = String(errors[0]?.extensions["code"]);
  if (accepted.prefersEvents || isEvents) {
    // A browser that is told that a subscription is complete does not come back.
    if (code === ("SUBSCRIPTION_GOING_AWAY" satisfies ErrorCode)) {
      sendWhole(res, eventStream, eventStream.ending({ kind: "going-away" }));
    } else {
      sendOneMessage(res, eventStream, text);
    }
  } else if (accepted.json === undefined) {
    sendOneMessage(res, multipart, text);
  } else {
    res.writeHead(STATUS[code] ?? 400, {
      "content-type": `${accepted.json}; charset=utf-8`,
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
    });
    res.end(text);
  }
}

function sendWhole(res: ServerResponse, delivery: Delivery, rest: string): void {
  const whole = delivery.opening + rest;
  res.writeHead(200, {
    ...STREAM_HEADERS,
    "content-type": delivery.contentType,
    "content-length": Buffer.byteLength(whole),
  });
  res.end(whole);
}
