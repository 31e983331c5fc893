import { randomBytes } from "node:crypto";
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
    traceparent:
      typeof traceparent === "string" && TRACEPARENT.test(traceparent)
        ? traceparent
        : `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
  };
}
