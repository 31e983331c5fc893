import type { Message } from "../message";
import type { Queue } from "../queues/queue";
import type { Destination, Exchange } from "./exchange";

/**
 * The queues a message reaches from its exchange: through bindings, bindings between exchanges (each is visited once, so
 * a circle ends), and the alternate exchange where an exchange leads nowhere. An unknown exchange leads nowhere.
 */
export function findQueues(
  exchanges: ReadonlyMap<string, Exchange>,
  queues: ReadonlyMap<string, Queue>,
  message: Message,
  routingKeys: readonly string[],
): Set<Queue> {
  const found = new Set<Queue>();
  const visited = new Set<Exchange>();
  const headers = message.properties.headers ?? {};

  const destinationsOf = (exchange: Exchange): readonly Destination[] =>
    routingKeys.flatMap((key): readonly Destination[] =>
      exchange.name === "" ? [{ kind: "queue", name: key }] : exchange.destinations(key, headers),
    );

  const visit = (name: string): void => {
    const exchange = exchanges.get(name);
    if (!exchange || visited.has(exchange)) return;
    visited.add(exchange);
    let leads = false;
    for (const destination of destinationsOf(exchange)) {
      const queue = destination.kind === "queue" ? queues.get(destination.name) : undefined;
      if (queue) found.add(queue);
      else if (destination.kind === "exchange") visit(destination.name);
      leads ||= queue !== undefined || destination.kind === "exchange";
    }
    if (!leads && exchange.alternate !== undefined) visit(exchange.alternate);
  };

  visit(message.exchange);
  return found;
}
