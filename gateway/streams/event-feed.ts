import type { Broker } from "../../kit/amqp/connect-broker";
import { type EventMessage, fromMessage } from "../../kit/amqp/event-message";
import { declareEvents, type Topology } from "../../kit/amqp/topology";
import type { Logger } from "../../kit/log";

/** Every event of the platform from now on, in the order of the log. */
export interface EventFeed {
  close(): Promise<void>;
}

const PREFETCH = 200;
const OFFSET_HEADER = "x-stream-offset";
/** Clocks of publishers and of this process differ a little. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Reads the log of events as a stream: one consumer for the whole gateway, whose place is kept in memory. After a lost connection it
 * goes on behind the last event it saw, so nothing is missed and nothing comes twice.
 * https://www.rabbitmq.com/docs/streams#consuming
 */
export function createEventFeed(options: {
  broker: Broker;
  topology: Topology;
  log: Logger;
  onEvent: (event: EventMessage) => void;
  now?: () => number;
}): EventFeed {
  const { broker, topology, log, onEvent, now = Date.now } = options;
  let lastOffset: number | undefined;
  let attachedSinceMs: number | undefined;

  const session = broker.session("event-feed", async (channel) => {
    await declareEvents(channel, topology);
    await channel.prefetch(PREFETCH);
    const missedSinceMs = attachedSinceMs;
    attachedSinceMs ??= now();
    await channel.consume(
      topology.log,
      (message) => {
        // The log was deleted: closing the channel makes the session declare it again.
        if (message === null) return void channel.close().catch(() => undefined);
        const offset = Number((message.properties.headers as Record<string, unknown> | undefined)?.[OFFSET_HEADER]);
        // A chunk is delivered whole, so a start in its middle can bring events from before it.
        const seen = lastOffset !== undefined && offset <= lastOffset;
        if (!seen) {
          lastOffset = offset;
          try {
            const event = fromMessage(message);
            if (missedSinceMs === undefined || Date.parse(event.time) >= missedSinceMs - CLOCK_SLACK_MS) onEvent(event);
          } catch (err) {
            log.warn({ err, offset }, "a message of the event log is no event and was set aside");
          }
        }
        channel.ack(message);
      },
      { arguments: { [OFFSET_HEADER]: startAt(lastOffset, missedSinceMs) } },
    );
  });
  return { close: () => session.close() };
}

/** Behind the last event seen; after an outage before the first event, from when the feed was first attached; at first, what comes next. */
function startAt(lastOffset: number | undefined, missedSinceMs: number | undefined): unknown {
  if (lastOffset !== undefined) return lastOffset + 1;
  if (missedSinceMs === undefined) return "next";
  return { "!": "timestamp", value: Math.floor((missedSinceMs - CLOCK_SLACK_MS) / 1000) };
}
