import type { Channel } from "amqplib";
import type { Logger } from "../log";
import type { Broker } from "./connect-broker";
import type { Topology } from "./topology";

/** Tells processes later that there is something to do. A wake-up is a hint: what there is to do stands in a database. */
export interface DelayedWakes {
  /**
   * Wakes one of the processes of the service.
   * @param delayMs one of those that were declared
   * @param at when there is something to do: not before the delay is over
   * @returns false while there is no broker: then nobody is woken
   */
  in(delayMs: number, at: Date): boolean;
  close(): Promise<void>;
}

const PREFETCH = 100;

/**
 * A queue for each delay, whose messages end in the queue that wakes: all messages of a queue wait equally long, so none waits behind another.
 * https://www.rabbitmq.com/docs/ttl#queue-ttl
 * @param options.name kebab-case; part of the queues' names
 */
export function createDelayedWakes(options: {
  broker: Broker;
  topology: Topology;
  service: string;
  name: string;
  delaysMs: readonly number[];
  onWake: (at: Date) => void;
  log: Logger;
}): DelayedWakes {
  const { broker, topology, service, name, onWake, log } = options;
  const delaysMs = [...new Set(options.delaysMs)];
  const wakes = topology.handlerQueue(service, `${name}.wake`);
  const queueOf = (delayMs: number) => topology.handlerQueue(service, `${name}.in.${delayMs}ms`);

  const session = broker.session(`${service}.${name}`, async (channel: Channel) => {
    await channel.assertQueue(wakes, { durable: true, arguments: { "x-queue-type": "quorum" } });
    for (const delayMs of delaysMs) {
      await channel.assertQueue(queueOf(delayMs), {
        durable: true,
        arguments: {
          "x-queue-type": "quorum",
          "x-message-ttl": delayMs,
          "x-dead-letter-exchange": "",
          "x-dead-letter-routing-key": wakes,
        },
      });
    }
    await channel.prefetch(PREFETCH);
    await channel.consume(wakes, (message) => {
      if (message === null) return void channel.close().catch(() => undefined);
      const at = new Date(message.content.toString("utf8"));
      if (Number.isNaN(at.getTime())) log.warn({ queue: wakes }, "a wake-up does not say for when");
      else onWake(at);
      channel.ack(message);
    });
  });

  return {
    in: (delayMs, at) => {
      if (!delaysMs.includes(delayMs)) throw new Error(`there is no queue that waits ${delayMs} ms`);
      const { channel } = session;
      if (!channel) return false;
      try {
        channel.sendToQueue(queueOf(delayMs), Buffer.from(at.toISOString()), { persistent: true });
        return true;
      } catch {
        // The channel closed between our look at it and this write.
        return false;
      }
    },
    close: () => session.close(),
  };
}
