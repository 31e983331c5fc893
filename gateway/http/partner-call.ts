import type { IncomingMessage, ServerResponse } from "node:http";
import { type HTTPGraphQLResponse, HeaderMap } from "@apollo/server";
import type { Span } from "../../kit/tracing/tracer";
import type { RequestContext } from "../../kit/request-context";
import type { Partner } from "../partners/create-key-checker";
import type { RegisteredOperation } from "../partners/manifest";
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

/** Runs a registered operation for a partner: from here on it is an operation like any other, under the same rules and limits. */
export function runRegistered(
  graphql: GraphqlServer,
  { res, context, observed, span, partner }: PartnerCall,
  { operation, variables, accept }: RunRequest,
): Promise<HTTPGraphQLResponse> {
  observed.attributes["operation"] = operation.name;
  const headers = new HeaderMap([["content-type", "application/json"]]);
  if (accept !== undefined) headers.set("accept", accept);
  return graphql.answer(
    { method: "POST", headers, search: "", body: { query: operation.body, variables } },
    {
      requestId: context.requestId,
      traceparent: span?.traceparent ?? context.traceparent,
      viewer: partner.identity,
      signal: signalOf(res),
      span,
    },
  );
}

interface RunRequest {
  readonly operation: RegisteredOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly accept: string | undefined;
}
