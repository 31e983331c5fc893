import type { ConfirmChannel, Message } from "amqplib";
import { tracer } from "../tracing/tracer";
import type { Broker } from "./connect-broker";
import { type EventMessage, toBody, toPublishOptions } from "./event-message";
import { declareEvents, declareHandlerQueue, declareRetries, type Topology } from "./topology";
import { attributesOf } from "./trace-event";

/** Publishes events so that "published" means: the broker has routed and stored it. */
export interface EventPublisher {
  /**
   * Publishes all at once and waits for every confirm.
   * @returns per event, in order, whether it is safe with the broker; false means: publish it again later
   */
  publish(events: readonly EventMessage[]): Promise<boolean[]>;
  close(): Promise<void>;
}

const CONFIRM_TIMEOUT_MS = 10_000;

/** A business consumer of another service, known from the event catalogue. */
export interface Listener {
  /** `<service>.<handler>`. */
  readonly name: string;
  readonly eventTypes: readonly string[];
}

/**
 * @param listeners who must get the events: their queues are declared before the first event goes out, so that an event published before
 *   its consumer ever ran waits for it instead of being dropped by the exchange
 */
export function createPublisher(
  broker: Broker,
  topology: Topology,
  listeners: readonly Listener[] = [],
): EventPublisher {
  /** Ids of messages that came back unroutable. A return arrives before its confirm. https://www.rabbitmq.com/docs/confirms */
  const returned = new Set<string>();
  const awaited = new Set(listeners.flatMap(({ eventTypes }) => eventTypes));
  let hasLog = true;
  /** Without a log an event that no queue waits for is for the gateways that listen at the moment, if any. */
  const mayGoNowhere = (type: string) => !hasLog && !awaited.has(type);
  const session = broker.confirmSession("publisher", async (channel) => {
    channel.on("return", (message: Message) => returned.add(String(message.properties.messageId)));
    hasLog = await declareEvents(channel, topology);
    if (listeners.length > 0) await declareRetries(channel, topology);
    for (const { name, eventTypes } of listeners) {
      await declareHandlerQueue(channel, topology, topology.queueOf(name), eventTypes);
    }
  });

  const publishOne = (channel: ConfirmChannel, written: EventMessage) =>
    new Promise<boolean>((resolve) => {
      const span = tracer()?.start("producer", `publish ${written.type}`, written.traceparent, {
        ...attributesOf(written),
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": `${topology.events}:${written.type}`,
      });
      const event = span ? { ...written, traceparent: span.traceparent } : written;
      // A connection that dies silently confirms nothing; the heartbeat finds out later than a waiting relay should.
      const timer = setTimeout(() => {
        span?.end(undefined, "timeout");
        resolve(false);
      }, CONFIRM_TIMEOUT_MS);
      const settle = (confirmed: boolean) => {
        clearTimeout(timer);
        const isSafe = confirmed && (!returned.delete(event.id) || mayGoNowhere(event.type));
        span?.end(undefined, isSafe ? undefined : confirmed ? "unroutable" : "unconfirmed");
        resolve(isSafe);
      };
      try {
        channel.publish(topology.events, event.type, toBody(event), toPublishOptions(event), (err: unknown) =>
          settle(!err),
        );
      } catch {
        // amqplib throws when the channel closed between our look at it and this write: the event was not sent.
        settle(false);
      }
    });

  return {
    publish: async (events) => {
      const { channel } = session;
      if (!channel) return events.map(() => false);
      return Promise.all(events.map((event) => publishOne(channel, event)));
    },
    close: () => session.close(),
  };
}
