import { setTimeout as delay } from "node:timers/promises";
import type { Channel, ConfirmChannel, ConsumeMessage } from "amqplib";
import type { Logger } from "../log";
import { endWith } from "../tracing/in-span";
import { tracer } from "../tracing/tracer";
import type { Broker } from "./connect-broker";
import { type EventMessage, fromMessage, MalformedEventError } from "./event-message";
import { declareEvents, declareHandlerQueue, declareRetries, DELAY_HEADER, type Topology } from "./topology";
import { attributesOf } from "./trace-event";

export interface EventHandler {
  /** Kebab-case, such as `on-order-placed`; part of the queue's name. */
  readonly name: string;
  readonly eventTypes: readonly string[];
  /** One process at a time gets deliveries, the others stand by: for handlers that keep the order of events. */
  readonly isOrdered?: boolean;
  /**
   * Does its work and commits it before it returns; must give the same result when the same event arrives again.
   * A `MalformedEventError` sends the delivery to the dead letters at once; any other error has it tried again later.
   */
  handle(event: EventMessage): Promise<void>;
}

export interface EventConsumer {
  close(): Promise<void>;
}

const PREFETCH = 20;
/** Header that counts the attempts of a delivery. */
export const ATTEMPT_HEADER = "tributary-attempt";
/** Header of a dead letter that says why. */
export const DEAD_REASON_HEADER = "tributary-dead-reason";
const AWAY_MIN_MS = 100;
const AWAY_MAX_MS = 5_000;

/**
 * Consumes one handler's queue: acknowledges after the handler has committed, tries failures again through the delay queues, and sends
 * what keeps failing to the dead letters with the reason.
 * @param options.isAway tells errors that mean "my database is not there": those wait in place and use up no attempt
 */
export function consumeEvents(options: {
  broker: Broker;
  topology: Topology;
  service: string;
  handler: EventHandler;
  log: Logger;
  isAway: (error: unknown) => boolean;
}): EventConsumer {
  const { broker, topology, service, handler, isAway } = options;
  const queue = topology.handlerQueue(service, handler.name);
  const log = options.log.child({ handler: handler.name });
  let closing = false;
  const running = new Set<Promise<void>>();

  /** Sends a copy on its way and waits until the broker has it; only then may the original be acknowledged. */
  const forward = (
    channel: ConfirmChannel,
    exchange: string,
    message: ConsumeMessage,
    extra: Record<string, unknown>,
  ) =>
    new Promise<void>((resolve, reject) => {
      const { headers, ...properties } = message.properties;
      channel.publish(
        exchange,
        queue,
        message.content,
        { ...properties, headers: { ...headers, ...extra }, persistent: true },
        (err: unknown) => (err ? reject(err instanceof Error ? err : new Error("not confirmed")) : resolve()),
      );
    });

  const giveUp = async (channel: ConfirmChannel, message: ConsumeMessage, reason: string, attempts: number) =>
    forward(channel, topology.dead, message, { [DEAD_REASON_HEADER]: reason, [ATTEMPT_HEADER]: attempts });

  const handleOnce = async (event: EventMessage, channel: Channel): Promise<void> => {
    for (let waitMs = AWAY_MIN_MS; ; waitMs = Math.min(waitMs * 2, AWAY_MAX_MS)) {
      try {
        return await handler.handle(event);
      } catch (error) {
        if (!isAway(error) || closing || session.channel !== channel) throw error;
        log.warn({ eventId: event.id, reason: (error as Error).message }, "a store is away, waiting for it");
        await delay(waitMs);
      }
    }
  };

  const handleTraced = (event: EventMessage, channel: Channel): Promise<void> => {
    const span = tracer()?.start("consumer", `process ${event.type}`, event.traceparent, {
      ...attributesOf(event),
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": `${topology.events}:${event.type}:${queue}`,
    });
    if (!span) return handleOnce(event, channel);
    return endWith(span, handleOnce({ ...event, traceparent: span.traceparent }, channel));
  };

  const process = async (channel: ConfirmChannel, message: ConsumeMessage): Promise<void> => {
    const attempts = Number(message.properties.headers?.[ATTEMPT_HEADER] ?? 0) + 1;
    try {
      const event = fromMessage(message);
      try {
        await handleTraced(event, channel);
      } catch (error) {
        if (error instanceof MalformedEventError) throw error;
        if (isAway(error)) return channel.nack(message, false, true);
        const next = topology.delays[attempts - 1];
        const context = { err: error, eventId: event.id, eventType: event.type, requestId: event.requestId, attempts };
        if (next) {
          log.warn(context, "an event could not be handled, trying again later");
          await forward(channel, topology.retry, message, { [DELAY_HEADER]: next.name, [ATTEMPT_HEADER]: attempts });
        } else {
          log.error(context, "an event was given up and is with the dead letters");
          await giveUp(channel, message, "attempts used up", attempts);
        }
      }
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      log.error({ err: error, messageId: message.properties.messageId as unknown }, "a message is no event of ours");
      await giveUp(channel, message, error.message, attempts);
    }
    channel.ack(message);
  };

  const session = broker.confirmSession(`${service}.${handler.name}`, async (channel) => {
    await declareEvents(channel, topology);
    await declareRetries(channel, topology);
    await declareHandlerQueue(channel, topology, queue, handler.eventTypes, handler.isOrdered);
    await channel.prefetch(PREFETCH);
    await channel.consume(queue, (message) => {
      // The broker cancelled the consumer, e.g. because the queue was deleted: closing the channel makes the session start afresh.
      if (message === null) return void channel.close().catch(() => undefined);
      const work = process(channel, message)
        // The channel is gone, so the broker delivers the message again; the handler is idempotent.
        .catch((err: unknown) => log.warn({ err }, "a delivery could not be settled and will come again"))
        .finally(() => running.delete(work));
      running.add(work);
    });
  });

  return {
    close: async () => {
      closing = true;
      await Promise.allSettled(running);
      await session.close();
    },
  };
}
