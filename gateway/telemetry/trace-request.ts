import type { IncomingMessage, ServerResponse } from "node:http";
import { givenTraceparent, TRACEPARENT_HEADER, TRACESTATE_HEADER } from "../../kit/request-context";
import { type Span, tracer } from "../../kit/tracing/tracer";

/**
 * The span of one request, until its answer has left or its client has gone; `undefined` while nothing is traced. It goes on with the
 * client's trace where the client has one.
 * @param route one of few fixed names
 */
export function traceRequest(req: IncomingMessage, res: ServerResponse, route: string): Span | undefined {
  const traces = tracer();
  if (!traces) return undefined;
  const { method = "" } = req;
  const { [TRACEPARENT_HEADER]: traceparent, [TRACESTATE_HEADER]: tracestate } = req.headers;
  const span = traces.start("server", `${method} ${route}`, givenTraceparent(traceparent, tracestate), {
    "http.request.method": method,
    "http.route": route,
  });
  res.once("close", () => {
    const { statusCode, writableFinished } = res;
    if (!writableFinished) return span.end(undefined, "aborted");
    span.end({ "http.response.status_code": statusCode }, statusCode < 500 ? undefined : String(statusCode));
  });
  return span;
}
