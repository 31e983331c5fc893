import { randomFillSync } from "node:crypto";
import { newId } from "./ids";

/** What follows one request through every process and message it causes. */
export interface RequestContext {
  readonly requestId: string;
  /** W3C Trace Context: `00-<trace id>-<parent id>-<flags>`. */
  readonly traceparent: string;
}

export const REQUEST_ID_HEADER = "x-request-id";
export const TRACEPARENT_HEADER = "traceparent";

const REQUEST_ID = /^[\w.:-]{1,128}$/;
// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Takes over the caller's ids when they are well-formed, otherwise makes new ones. */
export function createRequestContext(requestId: unknown, traceparent: unknown): RequestContext {
  return {
    requestId: typeof requestId === "string" && REQUEST_ID.test(requestId) ? requestId : newId(),
    traceparent: givenTraceparent(traceparent) ?? newTraceparent(),
  };
}

/** @returns what a caller gave as its trace context, when it is well-formed */
export function givenTraceparent(given: unknown): string | undefined {
  return typeof given === "string" && TRACEPARENT.test(given) ? given : undefined;
}

const TRACE_ID_BYTES = 16;
const PARENT_ID_BYTES = 8;
/** Asking the system for a few random bytes costs as much as for many, so they are fetched for some hundred requests at once. */
const randomPool = Buffer.allocUnsafeSlow(8_184);
let used = randomPool.length;

function newTraceparent(): string {
  if (used + TRACE_ID_BYTES + PARENT_ID_BYTES > randomPool.length) {
    randomFillSync(randomPool);
    used = 0;
  }
  const traceId = randomPool.toString("hex", used, (used += TRACE_ID_BYTES));
  const parentId = randomPool.toString("hex", used, (used += PARENT_ID_BYTES));
  return `00-${traceId}-${parentId}-01`;
}
