import type { IncomingMessage, ServerResponse } from "node:http";
import type { Span } from "../../kit/tracing/tracer";
import type { RequestContext } from "../../kit/request-context";
import { type Answer, type Call, keeping, type RunCall } from "../partners/calls/call";
import type { Partner } from "../partners/keys/partner";
import type { RegisteredOperation } from "../partners/registry/operation-registry";
import type { ObservedRequest } from "../telemetry/observe-requests";
import type { AnswerHead } from "./answer-head";
import { signalOf } from "./gone-signal";

/** One request to the partner API whose key was checked. */
export interface PartnerCall {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly head: AnswerHead;
  readonly context: RequestContext;
  readonly observed: ObservedRequest;
  readonly span: Span | undefined;
  readonly partner: Partner;
  /** Below `/partner/v1`, as it was sent, without the query string. */
  readonly path: string;
}

/**
 * Runs a registered operation that a request names, through the stages that every call passes. What they tell beside the answer is in its head already, also
 * when they refuse.
 * @throws CallRefused
 */
export function runRegistered(
  run: RunCall,
  { req, res, head, context, observed, span, partner }: PartnerCall,
  {
    operation,
    variables,
    accept,
    door,
    kept,
    idempotencyKey,
  }: Pick<Call, "operation" | "variables" | "accept" | "door" | "kept"> & {
    /** In place of the header, where a door has another way to send it. */
    readonly idempotencyKey?: string;
  },
): Answer | Promise<Answer> {
  const call: Call = {
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
    answerHeaders: head,
    kept,
  };
  observed.shared = attributesOfCall(call);
  return run(call);
}

const attributesOfCall = keeping(({ partner, operation }) => attributesOf(partner, operation));

interface KeyAttributes {
  readonly own: Readonly<Record<string, string>>;
  readonly byOperation: WeakMap<RegisteredOperation, Readonly<Record<string, string>>>;
}

const attributes = new WeakMap<Partner, KeyAttributes>();

/** Who called what, for the access log: one object for all calls of an operation with a key. */
export function attributesOf(partner: Partner, operation?: RegisteredOperation): Readonly<Record<string, string>> {
  let known = attributes.get(partner);
  if (!known) {
    known = { own: { partner: partner.slug, keyId: partner.keyId }, byOperation: new WeakMap() };
    attributes.set(partner, known);
  }
  if (!operation) return known.own;
  let found = known.byOperation.get(operation);
  if (!found) {
    found = { ...known.own, operation: operation.name };
    known.byOperation.set(operation, found);
  }
  return found;
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
