import type { IncomingMessage, ServerResponse } from "node:http";
import { HeaderMap } from "@apollo/server";
import type { Span } from "../../kit/tracing/tracer";
import type { RequestContext } from "../../kit/request-context";
import type { Answer, Call, RunCall } from "../partners/calls/call";
import type { Partner } from "../partners/create-key-checker";
import type { ObservedRequest } from "../telemetry/observe-requests";
import type { GraphqlServer } from "./create-graphql-server";
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
  request: Pick<Call, "operation" | "variables" | "accept" | "door">,
): Promise<Answer> {
  observed.attributes["operation"] = request.operation.name;
  const answerHeaders = new Map<string, string>();
  try {
    return await run({
      ...request,
      partner,
      requestId: context.requestId,
      traceparent: span?.traceparent ?? context.traceparent,
      span,
      signal: signalOf(res),
      header: (name) => headerOf(req, name),
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

/** The last step of a call: from here on it is an operation like any other, under the same rules and limits. */
export const runOnGraph =
  (graphql: GraphqlServer): RunCall =>
  async ({ operation, variables, accept, requestId, traceparent, partner, signal, span }) => {
    const headers = new HeaderMap([["content-type", "application/json"]]);
    if (accept !== undefined) headers.set("accept", accept);
    const { status = 200, ...answer } = await graphql.answer(
      { method: "POST", headers, search: "", body: { query: operation.body, variables } },
      {
        requestId,
        traceparent,
        viewer: partner.identity,
        signal,
        span,
      },
    );
    return { status, ...answer };
  };
