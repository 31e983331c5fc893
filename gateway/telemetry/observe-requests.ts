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
  /** More for the access log, such as the partner's key id. */
  attributes: Record<string, string>;
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
  const inFlight = new Gauge({
    name: "gateway_http_requests_in_flight",
    help: "HTTP requests being answered.",
    registers: [metrics],
  });

  return {
    observe: (req, res) => {
      const observed: ObservedRequest = { route: "other", requestId: "", attributes: {} };
      const startedAt = process.hrtime.bigint();
      inFlight.inc();
      res.once("close", () => {
        inFlight.dec();
        const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
        // 499: the client went away first; the code is nginx's and nobody ever receives it.
        const status = res.writableFinished ? res.statusCode : 499;
        const method = METHODS.has(req.method ?? "") ? req.method : "other";
        total.inc({ route: observed.route, method, status });
        duration.observe({ route: observed.route }, seconds);
        const { route, requestId, attributes } = observed;
        const line = { requestId, method: req.method, route, status, durationMs: Math.round(seconds * 1e6) / 1e3 };
        if (QUIET.has(route)) log.debug({ ...line, ...attributes }, "request answered");
        else log.info({ ...line, ...attributes }, "request answered");
      });
      return observed;
    },
  };
}

/** A client may send any word as its method; labels are bounded. */
const METHODS = new Set(["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]);
