import type { SpanAttributes } from "../tracing/tracer";
import type { EventMessage } from "./event-message";

/** What spans say of an event: which one it is, and nothing of its data. https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/ */
export const attributesOf = ({ id, type, source }: EventMessage): SpanAttributes => ({
  "messaging.system": "rabbitmq",
  "messaging.message.id": id,
  "messaging.rabbitmq.destination.routing_key": type,
  "cloudevents.event_id": id,
  "cloudevents.event_type": type,
  "cloudevents.event_source": source,
});
