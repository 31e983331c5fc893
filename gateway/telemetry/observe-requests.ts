import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../../kit/log";
import { Counter, Gauge, Histogram, type Registry } from "../../kit/metrics";

export interface RequestObserver {
  /** Call once per request; route and request id may become known later, before the answer ends. */
  observe(req: IncomingMessage, res: ServerResponse): ObservedRequest;
}

export interface ObservedRequest {
  /** One of few fixed names, never a path a client chose: it is a label of metrics. */
  route: string;
  requestId: string;
  /** More for the access log, such as the partner's key id. Nothing secret: the access log is not searched for secrets. */
  attributes: Record<string, string>;
  /** The same of many requests: an object that they share is put into JSON once. */
  shared: Readonly<Record<string, string>> | undefined;
}

/** Routes of machines that ask every second; their lines are for debugging only. */
const QUIET = new Set(["/health/live", "/health/ready", "/metrics"]);

/** One access log line and one observation per request, when its answer has left or its client has gone. */
export function createRequestObserver({ log, metrics }: { log: Logger; metrics: Registry }): RequestObserver {
  const total = new Counter({
    name: "gateway_http_requests_total",
    help: "HTTP requests answered.",
    labelNames: ["route", "method", "status"],
    registers: [metrics],
  });
  const duration = new Histogram({
    name: "gateway_http_request_duration_seconds",
    help: "Time from a request's head to the last byte of its answer.",
    labelNames: ["route"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  let inFlight = 0;
  new Gauge({
    name: "gateway_http_requests_in_flight",
    help: "HTTP requests being answered.",
    registers: [metrics],
    collect() {
      this.set(inFlight);
    },
  });

  // Finding a series by its labels costs more than counting; there are few.
  const byAnswer = seriesOf((route: string) =>
    seriesOf((method: string) => seriesOf((status: number) => total.labels(route, method, String(status)))),
  );
  const byRoute = seriesOf((route: string) => duration.labels(route));

  // Looking for secrets in it would cost more than the rest of the line; what it says is known here and holds none.
  const accessLog = log.child({}, { redact: [] });
  const logsOfMany = new WeakMap<object, Logger>();
  const logOf = (shared: ObservedRequest["shared"]): Logger => {
    if (!shared) return accessLog;
    const known = logsOfMany.get(shared);
    if (known) return known;
    const own = accessLog.child(shared);
    logsOfMany.set(shared, own);
    return own;
  };

  return {
    observe: (req, res) => {
      const observed: ObservedRequest = { route: "other", requestId: "", attributes: {}, shared: undefined };
      const startedAtMs = performance.now();
      inFlight++;
      res.once("close", () => {
        inFlight--;
        const durationMs = performance.now() - startedAtMs;
        // 499: the client went away first; the code is nginx's and nobody ever receives it.
        const status = res.writableFinished ? res.statusCode : 499;
        const { route, requestId, attributes, shared } = observed;
        const { method = "" } = req;
        byAnswer(route)(METHODS.has(method) ? method : "other")(status).inc();
        byRoute(route).observe(durationMs / 1_000);
        const level = QUIET.has(route) ? "debug" : "info";
        if (!accessLog.isLevelEnabled(level)) return;
        logOf(shared)[level](
          {
            requestId,
            method,
            route,
            status,
            durationMs: Math.round(durationMs * 1e3) / 1e3,
            ...attributes,
          },
          "request answered",
        );
      });
      return observed;
    },
  };
}

/** A client may send any word as its method; labels are bounded. */
const METHODS = new Set(["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]);

/** Makes what belongs to a label once. */
function seriesOf<Label, Series>(make: (label: Label) => Series): (label: Label) => Series {
  const known = new Map<Label, Series>();
  return (label) => {
    let series = known.get(label);
    if (series === undefined) known.set(label, (series = make(label)));
    return series;
  };
}
