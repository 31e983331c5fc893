import { headersOfTrace } from "../../../kit/request-context";
import { type Span, tracer } from "../../../kit/tracing/tracer";
import type { StreamEvent } from "./stream-event";

/** The span of taking an event that somebody waits for: it follows from the publication, and all executions from it. */
export const traceEvent = (event: StreamEvent, nowMs: number): Span | undefined => trace(event, "process", nowMs);

/** The span of executing an event again, for who comes back: in the event's trace, beside what was done when it was new. */
export function traceReplay(event: StreamEvent, nowMs: number): void {
  // Several who come back share its executions.
  if (event.traceparent === undefined) trace(event, "replay", nowMs)?.end();
}

function trace(event: StreamEvent, operation: "process" | "replay", nowMs: number): Span | undefined {
  const traces = tracer();
  if (!traces) return undefined;
  const { id, type, source, traceparent } = event.event;
  const span = traces.start("consumer", `${operation} ${type}`, traceparent, {
    "messaging.system": "rabbitmq",
    "messaging.operation.name": operation,
    "messaging.operation.type": "process",
    "messaging.message.id": id,
    "messaging.rabbitmq.destination.routing_key": type,
    "cloudevents.event_id": id,
    "cloudevents.event_type": type,
    "cloudevents.event_source": source,
    ...(!Number.isNaN(event.timeMs) && { "tributary.event.lag_ms": Math.max(0, nowMs - event.timeMs) }),
  });
  event.traceparent = span.traceparent;
  return span;
}

/**
 * Each message to a client is recorded only for who has asked by a sampled trace of its own: a span for each of ten thousand sockets would
 * cost more than the messages.
 */
export function recordedTrace(clientTrace: string | undefined): string | undefined {
  if (clientTrace === undefined || !tracer()) return undefined;
  // https://www.w3.org/TR/trace-context/#sampled-flag
  const isSampled = (Number.parseInt(headersOfTrace(clientTrace).traceparent.slice(-2), 16) & 1) === 1;
  return isSampled ? clientTrace : undefined;
}
