import type { Channel } from "amqplib";
import { declareStream } from "./declare-stream";

/**
 * Every exchange and queue of the platform. Declared by whoever needs one, with the same arguments each time, so that declaring again is harmless.
 *
 *     relay --> events (topic) --+--> log (stream, bound "#")        replay, and the gateways' live feed
 *                                +--> <subgraph>.<handler> (quorum)   business consumers
 *     a failed delivery --> retry (headers) --> retry.5s | 30s | 5m --(its time is over)--> the handler's queue
 *     a delivery given up --> dead (topic) --> dead.log (stream)
 */
export interface Topology {
  readonly events: string;
  readonly log: string;
  readonly retry: string;
  readonly dead: string;
  readonly deadLog: string;
  readonly delays: readonly Delay[];
  /** The queue of one handler of one service. */
  handlerQueue(service: string, handler: string): string;
  /** The same for a listener named `<service>.<handler>`. */
  queueOf(listener: string): string;
}

export interface Delay {
  readonly name: string;
  readonly queue: string;
  readonly delayMs: number;
}

const DELAYS: readonly (readonly [name: string, delayMs: number])[] = [
  ["5s", 5_000],
  ["30s", 30_000],
  ["5m", 300_000],
];

/** Header that picks the delay queue of a retried delivery. */
export const DELAY_HEADER = "tributary-delay";

const LOG_MAX_AGE = "1D";
const LOG_MAX_BYTES = 1_000_000_000;
const DEAD_LOG_MAX_AGE = "30D";
/** A process that dies while it handles a delivery returns it to the queue; after this many returns the delivery is dead-lettered. */
const CRASHES_BEFORE_DEAD = 20;

/**
 * @param namespace put before every name, so that several platforms can share a broker; empty for none
 * @param delays for tests: other delays than 5 s, 30 s and 5 min
 */
export function createTopology(namespace = "", delays = DELAYS): Topology {
  const prefix = namespace === "" ? "" : `${namespace}.`;
  return {
    events: `${prefix}tributary.events`,
    log: `${prefix}tributary.events.log`,
    retry: `${prefix}tributary.retry`,
    dead: `${prefix}tributary.dead`,
    deadLog: `${prefix}tributary.dead.log`,
    delays: delays.map(([name, delayMs]) => ({ name, queue: `${prefix}tributary.retry.${name}`, delayMs })),
    handlerQueue: (service, handler) => `${prefix}${service}.${handler}`,
    queueOf: (listener) => prefix + listener,
  };
}

/**
 * The exchange of events and the log behind it: what a publisher and a live feed need. Where a declaration is refused it fails, and the next
 * attempt over the same connection does with what the broker has: see `declareStream`.
 * @returns whether there is a log
 */
export async function declareEvents(channel: Channel, topology: Topology): Promise<boolean> {
  await channel.assertExchange(topology.events, "topic", { durable: true });
  const limits = { "x-max-age": LOG_MAX_AGE, "x-max-length-bytes": LOG_MAX_BYTES };
  if (!(await declareStream(channel, topology.log, limits))) return false;
  await channel.bindQueue(topology.log, topology.events, "#");
  return true;
}

/** Where deliveries wait to be tried again, and where they end when they are given up: a quorum queue where the broker has no streams. */
export async function declareRetries(channel: Channel, topology: Topology): Promise<void> {
  await channel.assertExchange(topology.dead, "topic", { durable: true });
  const limits = { "x-max-age": DEAD_LOG_MAX_AGE, "x-max-length-bytes": LOG_MAX_BYTES };
  if (!(await declareStream(channel, topology.deadLog, limits))) {
    // What is given up is kept all the same.
    await channel.assertQueue(topology.deadLog, { durable: true, arguments: { "x-queue-type": "quorum" } });
  }
  await channel.bindQueue(topology.deadLog, topology.dead, "#");
  await channel.assertExchange(topology.retry, "headers", { durable: true });
  for (const { name, queue, delayMs } of topology.delays) {
    // A message leaves the delay queue with the routing key it came with: the name of its handler's queue, which the default
    // exchange ("") delivers to. https://www.rabbitmq.com/docs/dlx#routing
    await channel.assertQueue(queue, {
      durable: true,
      arguments: { "x-queue-type": "quorum", "x-message-ttl": delayMs, "x-dead-letter-exchange": "" },
    });
    await channel.bindQueue(queue, topology.retry, "", { "x-match": "all", [DELAY_HEADER]: name });
  }
}

/**
 * A handler's queue, bound to exactly the event types it handles.
 * @param isOrdered one process at a time gets its deliveries, in their order; the others stand by
 */
export async function declareHandlerQueue(
  channel: Channel,
  topology: Topology,
  queue: string,
  eventTypes: readonly string[],
  isOrdered = false,
): Promise<void> {
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-delivery-limit": CRASHES_BEFORE_DEAD,
      "x-dead-letter-exchange": topology.dead,
      "x-dead-letter-routing-key": queue,
      ...(isOrdered ? { "x-single-active-consumer": true } : {}),
    },
  });
  for (const eventType of eventTypes) await channel.bindQueue(queue, topology.events, eventType);
}
