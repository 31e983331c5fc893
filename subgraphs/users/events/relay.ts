import { createPublisher } from "../../../kit/amqp/create-publisher";
import type { Broker } from "../../../kit/amqp/connect-broker";
import type { Topology } from "../../../kit/amqp/topology";
import type { Logger } from "../../../kit/log";
import { createRelay, type OutboxRelay } from "../../../kit/outbox/create-relay";
import { createOutboxTableSource } from "../../../kit/postgres/outbox-table";

/** Brings the events of the outbox table to the broker. @param options.databaseUrl of the store that holds the outbox */
export function startRelay(options: {
  databaseUrl: string;
  broker: Broker;
  topology: Topology;
  log: Logger;
}): OutboxRelay {
  const publisher = createPublisher(options.broker, options.topology);
  const source = createOutboxTableSource({ url: options.databaseUrl });
  const relay = createRelay({ source, publisher, log: options.log });
  return {
    wake: relay.wake,
    close: async () => {
      await relay.close();
      await publisher.close();
    },
  };
}
