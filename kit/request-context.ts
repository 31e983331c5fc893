import { randomFillSync } from "node:crypto";
import { newId } from "./ids";

/** What follows one request through every process and message it causes. */
export interface RequestContext {
  readonly requestId: string;
  /**
   * W3C Trace Context: `00-<trace id>-<parent id>-<flags>`, and behind a blank the `tracestate` that came along, where one did: so both go the
   * same ways. Outside of the platform they are two headers: see `headersOfTrace`.
   */
  readonly traceparent: string;
}

export const REQUEST_ID_HEADER = "x-request-id";
export const TRACEPARENT_HEADER = "traceparent";
export const TRACESTATE_HEADER = "tracestate";

const REQUEST_ID = /^[\w.:-]{1,128}$/;
// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

// https://www.w3.org/TR/trace-context/#tracestate-header: members are divided by commas, and so are headers that came one by one.
const MEMBER = /^[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_MEMBERS = 32;
const MAX_TRACESTATE = 512;

/** Takes over the caller's ids when they are well-formed, otherwise makes new ones. */
export function createRequestContext(requestId: unknown, traceparent: unknown, tracestate?: unknown): RequestContext {
  return {
    requestId: typeof requestId === "string" && REQUEST_ID.test(requestId) ? requestId : newId(),
    traceparent: givenTraceparent(traceparent, tracestate) ?? newTraceparent(),
  };
}

/**
 * @param tracestate that came along, where it is not part of `given` already
 * @returns what a caller gave as its trace context, when it is well-formed; a tracestate that is not is left out
 */
export function givenTraceparent(given: unknown, tracestate?: unknown): string | undefined {
  if (typeof given !== "string") return undefined;
  const [traceparent, carried] = partsOfTrace(given);
  if (!TRACEPARENT.test(traceparent)) return undefined;
  const state = givenTracestate(tracestate ?? carried);
  return state === undefined ? traceparent : `${traceparent} ${state}`;
}

/** A trace context as it leaves the platform. */
export function headersOfTrace(context: string): { traceparent: string; tracestate?: string } {
  const [traceparent, tracestate] = partsOfTrace(context);
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

function partsOfTrace(context: string): [traceparent: string, tracestate: string | undefined] {
  const blank = context.indexOf(" ");
  return blank < 0 ? [context, undefined] : [context.slice(0, blank), context.slice(blank + 1)];
}

function givenTracestate(given: unknown): string | undefined {
  if (typeof given !== "string" || given.length > MAX_TRACESTATE) return undefined;
  const members = given
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
  const isWellFormed = members.length <= MAX_MEMBERS && members.every((member) => MEMBER.test(member));
  return isWellFormed && members.length > 0 ? members.join(",") : undefined;
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
