import type { EventMessage } from "../../../kit/amqp/event-message";
import { newId } from "../../../kit/ids";
import type { EventDefinition } from "../../../schema/events/define-event";
import { parseEventData } from "../../../schema/events/parse-event-data";
import type { Origin } from "../domain/origin";

export const EVENT_SOURCE = "/products";

/**
 * An event as it waits in an outbox. Takes of `origin` what is an origin: it may be a whole request context or event.
 * @throws InvalidEventDataError when the body breaks the contract of its type: a mistake of ours, found before anyone else sees it
 */
export function toEvent<Data>(
  definition: EventDefinition<Data>,
  subject: string,
  data: Data,
  { requestId, traceparent }: Partial<Origin>,
): EventMessage {
  return {
    id: newId(),
    type: definition.type,
    source: EVENT_SOURCE,
    subject,
    time: new Date().toISOString(),
    data: parseEventData(definition, data),
    ...(requestId !== undefined && { requestId }),
    ...(traceparent !== undefined && { traceparent }),
  };
}
