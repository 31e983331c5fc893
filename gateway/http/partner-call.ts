import type { IncomingMessage, ServerResponse } from "node:http";
import type { Span } from "../../kit/tracing/tracer";
import type { RequestContext } from "../../kit/request-context";
import type { Answer, AnswerHeaders, Call, RunCall } from "../partners/calls/call";
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
export function runRegistered(
  run: RunCall,
  { req, res, context, observed, span, partner }: PartnerCall,
  {
    operation,
    variables,
    accept,
    door,
    idempotencyKey,
  }: Pick<Call, "operation" | "variables" | "accept" | "door"> & {
    /** In place of the header, where a door has another way to send it. */
    readonly idempotencyKey?: string;
  },
): Answer | Promise<Answer> {
  observed.attributes["operation"] = operation.name;
  return run({
    operation,
    variables,
    accept,
    door,
    partner,
    requestId: context.requestId,
    traceparent: span?.traceparent ?? context.traceparent,
    span,
    signal: signalOf(res),
    header: (name) => (name === "idempotency-key" ? (idempotencyKey ?? headerOf(req, name)) : headerOf(req, name)),
    answerHeaders: new ResponseHeaders(res),
  });
}

/** What the stages tell is on the response at once. */
class ResponseHeaders implements AnswerHeaders {
  constructor(private readonly res: ServerResponse) {}

  get(name: string): string | undefined {
    return this.res.getHeader(name)?.toString();
  }

  set(name: string, value: string): void {
    this.res.setHeader(name, value);
  }
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
