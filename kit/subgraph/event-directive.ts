/**
 * `@event` says which events feed a `Subscription` field. Subgraphs declare it, composition carries it into the supergraph
 * (`@composeDirective`), and the gateway reads it there: no subgraph holds a socket.
 *
 * `@viewerIndependent` promises that a field, or every field of an object type, has the same value whoever asks. A stream that asks for
 * nothing else is executed once for all its subscribers, as an anonymous viewer.
 *
 * The types of arguments are named `event__…` after the specification: so composition keeps them, and clients never see them.
 */
export const EVENT_DIRECTIVE_SDL = `
extend schema
  @link(url: "https://tributary.dev/event/v1.0", import: ["@event", "@viewerIndependent"])
  @composeDirective(name: "@event")
  @composeDirective(name: "@viewerIndependent")

"The value is the same whoever asks, signed in or not; on an object type, that of every field of it."
directive @viewerIndependent on FIELD_DEFINITION | OBJECT

"Feeds a subscription field from the platform's events."
directive @event(
  "Event types, exact. Nothing that a client sends ever becomes part of a broker's name."
  types: [String!]!
  "Path in the event's body of the key (\`id\`) of the entity that the field returns, such as \\"orderId\\"."
  key: String!
  "For a field that returns a union or an interface: which entity an event of each type is about."
  entities: [event__Entity!]
  "Which events a subscriber gets, such as \\"orderId == $args.orderId\\"; several conditions are joined by \\"&&\\"."
  where: String
  "Must hold for each event, with the subscriber's claims of that moment, such as \\"userId == $claims.sub\\"."
  authorize: String
  "Where the data comes from."
  delivery: event__Delivery! = ENTITY
  "With PAYLOAD: the entity's fields that the event's body holds."
  payload: [event__PayloadField!]
  "What waits for a subscriber who reads slowly."
  buffer: event__Buffer! = {}
  "How far back a subscriber who was away can go on."
  replay: event__Replay! = {}
) on FIELD_DEFINITION

"Where the data of an event comes from."
enum event__Delivery {
  "The event's key goes to the entity's owner, which decides what the viewer sees."
  ENTITY
  "Listed fields come from the event's body; a selection of others is asked for as with ENTITY."
  PAYLOAD
}

"A field of the entity that an event's body holds."
input event__PayloadField {
  "The field, which has no arguments and gives scalars or enums."
  field: String!
  "Its path in the body."
  path: String!
}

"What the events of a type are about."
input event__Entity {
  "The event type."
  event: String!
  "The name of the object type."
  type: String!
}

"What happens to what a subscriber has not read yet."
enum event__BufferPolicy {
  "Of each entity the newest change waits."
  LATEST
  "The oldest messages are lost; the next one says how many."
  DROP_OLDEST
  "The subscription ends with an error, and a cursor to go on from."
  CLOSE
}

"What may wait for one subscriber."
input event__Buffer {
  "What happens to what does not fit."
  policy: event__BufferPolicy! = LATEST
  "From 1 to 100000."
  maxMessages: Int! = 256
  "From 1024 to 67108864."
  maxBytes: Int! = 1048576
  "With LATEST: changes of one entity within so many milliseconds are one. From 0, which delivers each, to 60000."
  coalesceMs: Int! = 0
}

"How far back a cursor may reach; the broker's retention is another limit."
input event__Replay {
  "From 0, which turns it off, to 604800."
  maxAgeSeconds: Int! = 3600
  "From 0, which turns it off, to 1000000."
  maxEvents: Int! = 10000
}
`;

/** The arguments of `@event`; what is left out has its default. */
export interface EventDirective {
  readonly types: readonly string[];
  readonly key: string;
  /** Type of the entity by event type. */
  readonly entities?: Readonly<Record<string, string>>;
  readonly where?: string;
  readonly authorize?: string;
  /** Fields of the entity by their paths in the body: makes the delivery PAYLOAD. */
  readonly payload?: Readonly<Record<string, string>>;
  readonly buffer?: {
    readonly policy?: "LATEST" | "DROP_OLDEST" | "CLOSE";
    readonly maxMessages?: number;
    readonly maxBytes?: number;
    readonly coalesceMs?: number;
  };
  readonly replay?: { readonly maxAgeSeconds?: number; readonly maxEvents?: number };
}

export const VIEWER_INDEPENDENT = "@viewerIndependent";

/** `@Directive(eventDirective({...}))` on a TypeGraphQL subscription. */
export function eventDirective({ entities, payload, ...rest }: EventDirective): string {
  const list = (values: Readonly<Record<string, string>> | undefined, name: string, value: string) =>
    values && Object.entries(values).map(([key, of]) => ({ [name]: key, [value]: of }));
  const values: Readonly<Record<string, unknown>> = {
    ...rest,
    entities: list(entities, "event", "type"),
    ...(payload ? { delivery: { enum: "PAYLOAD" }, payload: list(payload, "field", "path") } : {}),
    ...(rest.buffer?.policy ? { buffer: { ...rest.buffer, policy: { enum: rest.buffer.policy } } } : {}),
  };
  return `@event(${printFields(values)})`;
}

/** GraphQL's literals: https://spec.graphql.org/October2021/#sec-Input-Values. `{ enum: "X" }` stands for the name X. */
function printValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return "enum" in value ? String(value.enum) : `{ ${printFields(value)} }`;
}

const printFields = (values: object): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${printValue(value)}`)
    .join(", ");
