import type { EventMessage } from "../../../kit/amqp/event-message";
import type { Logger } from "../../../kit/log";
import type { ChangeOutcome } from "../domain/order-store";

/** What became of an answer about stock. That nothing changed is no error: events may come late, twice and out of order. */
export function logOutcome(
  log: Logger,
  { orderId, event, outcome }: { orderId: string; event: EventMessage; outcome: ChangeOutcome<never> },
): void {
  const attributes = { orderId, eventId: event.id, eventType: event.type, requestId: event.requestId };
  if ("changed" in outcome) log.info({ ...attributes, status: outcome.changed.status }, "an order changed");
  else if ("illegal" in outcome) log.info({ ...attributes, status: outcome.illegal.status }, "an event came too late");
  else if ("missing" in outcome) log.warn(attributes, "an event names an order that does not exist");
}
