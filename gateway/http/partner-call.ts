import type { IncomingMessage, ServerResponse } from "node:http";
import type { Span } from "../../kit/tracing/tracer";
import type { RequestContext } from "../../kit/request-context";
import type { Answer, Call, RunCall } from "../partners/calls/call";
import type { Partner } from "../partners/keys/partner";
import type { ObservedRequest } from "../telemetry/observe-requests";
import { signalOf } from "./gone-signal";

/** One request to the partner API whose key was checked. */
export interface PartnerCall {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly context: RequestContext;
  readonly observed: ObservedRequest;
  readonly span: Span | undefined;
  readonly partner: Partner;
  /** Below `/partner/v1`, as it was sent, without the query string. */
  readonly path: string;
}

/**
 * Runs a registered operation that a request names, through the stages that every call passes. What they tell beside the answer is on the response
 * already, also when they refuse.
 * @throws CallRefused
 */
export async function runRegistered(
  run: RunCall,
  { req, res, context, observed, span, partner }: PartnerCall,
  request: Pick<Call, "operation" | "variables" | "accept" | "door"> & {
    /** In place of the header, where a door has another way to send it. */
    readonly idempotencyKey?: string;
  },
): Promise<Answer> {
  observed.attributes["operation"] = request.operation.name;
  const { idempotencyKey, ...asked } = request;
  const answerHeaders = new Map<string, string>();
  try {
    return await run({
      ...asked,
      partner,
      requestId: context.requestId,
      traceparent: span?.traceparent ?? context.traceparent,
      span,
      signal: signalOf(res),
      header: (name) => (name === "idempotency-key" ? (idempotencyKey ?? headerOf(req, name)) : headerOf(req, name)),
      answerHeaders,
    });
  } finally {
    for (const [name, value] of answerHeaders) res.setHeader(name, value);
  }
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
