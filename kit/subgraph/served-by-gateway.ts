/** In place of a subscription's source and resolver, which TypeGraphQL wants: the gateway hears the events and asks for the entity. */
export function servedByGateway(): never {
  throw new Error("Subscriptions are served by the gateway.");
}
