import { type EventMessage, MalformedEventError } from "../../../kit/amqp/event-message";
import type { EventDefinition } from "../../../schema/events/define-event";
import { InvalidEventDataError, parseEventData } from "../../../schema/events/parse-event-data";

/** @throws MalformedEventError when the event is of another type or its body breaks that type's contract */
export function readEvent<Data>(definition: EventDefinition<Data>, event: EventMessage): Data {
  if (event.type !== definition.type) throw new MalformedEventError(`an event of another type than ${definition.type}`);
  try {
    return parseEventData(definition, event.data);
  } catch (error) {
    if (error instanceof InvalidEventDataError) throw new MalformedEventError(error.message, { cause: error });
    throw error;
  }
}
