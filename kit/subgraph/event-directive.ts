/**
 * `@event` says which events feed a `Subscription` field. Subgraphs declare it, composition carries it into the supergraph
 * (`@composeDirective`), and the gateway reads it there: no subgraph holds a socket.
 */
export const EVENT_DIRECTIVE_SDL = `
extend schema
  @link(url: "https://tributary.dev/event/v1.0", import: ["@event"])
  @composeDirective(name: "@event")

"Feeds a subscription field from the platform's events."
directive @event(
  "Event types, exact. Nothing that a client sends ever becomes part of a broker's name."
  types: [String!]!
  "Path in the event's body of the key (\`id\`) of the entity that the field returns, such as \\"orderId\\"."
  key: String!
  "Which events a subscriber gets, such as \\"orderId == $args.orderId\\"; several conditions are joined by \\"&&\\"."
  where: String
) on FIELD_DEFINITION
`;

/** `@Directive(eventDirective({...}))` on a TypeGraphQL subscription. */
export const eventDirective = (event: { types: readonly string[]; key: string; where?: string }): string =>
  `@event(types: ${JSON.stringify(event.types)}, key: ${JSON.stringify(event.key)}${
    event.where === undefined ? "" : `, where: ${JSON.stringify(event.where)}`
  })`;
