import { newId } from "../../kit/ids";
import type { EventMessage } from "../../kit/amqp/event-message";
import { EVENT_DIRECTIVE_SDL } from "../../kit/subgraph/event-directive";

/** The order that everybody watches. */
export const WATCHED = "01890000-0000-7000-8000-000000000001";
/** An order of which each answer is megabytes: one event of it fills the socket of whoever does not read. */
export const LARGE = "01890000-0000-7000-8000-000000000002";
/** One that queries ask for. */
export const QUERIED = "01890000-0000-7000-8000-000000000003";
export const EVENT_TYPE = "orders.order.placed.v1";

const NOTE = "The courier rings twice; please leave it with the neighbours. ".repeat(7);
const LARGE_NOTE = "x".repeat(2_000_000);

export interface Order {
  readonly id: string;
  readonly status: string;
  readonly note: string;
}

/** Its state of now: the status tells how many events there were. */
export const orderOf = (id: string, changes: number): Order => ({
  id,
  status: `CHANGED-${changes}`,
  note: id === LARGE ? LARGE_NOTE : NOTE,
});

export const labelOf = ({ status }: Order, of: string): string => `${of}: ${status}`;

const TYPES = `
  type Query { order(id: ID!): Order }
  type Order KEY { id: ID! status: String! note: String! label(of: String!): String! }
  type Subscription { orderUpdated(orderId: ID!): Order! EVENT }`;

/** Without federation, for the peer. */
export const PLAIN_SDL = TYPES.replace("KEY", "").replace("EVENT", "");

export const SUBGRAPH_SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@composeDirective"])
  ${EVENT_DIRECTIVE_SDL}
  ${TYPES.replace("KEY", '@key(fields: "id")').replace("EVENT", `@event(types: ["${EVENT_TYPE}"], key: "orderId", where: "orderId == $args.orderId")`)}`;

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, string>>;
}

const SHARED = "subscription Watch($id: ID!) { orderUpdated(orderId: $id) { id status note } }";
const OWN = "subscription WatchAs($id: ID!, $of: String!) { orderUpdated(orderId: $id) { id status label(of: $of) } }";

/** The same for everybody: one group. */
export const watch = (orderId = WATCHED): Operation => ({ query: SHARED, variables: { id: orderId } });
/** Another answer for each: a group of its own. */
export const watchAs = (n: number): Operation => ({ query: OWN, variables: { id: WATCHED, of: `label ${n}` } });
export const QUERY: Operation = {
  query: "query Ask($id: ID!) { order(id: $id) { id status } }",
  variables: { id: QUERIED },
};

/** The event after which the order is asked for anew. */
export const changeOf = (orderId: string): EventMessage => ({
  id: newId(),
  type: EVENT_TYPE,
  source: "/orders",
  subject: orderId,
  time: new Date().toISOString(),
  data: { orderId, userId: "01890000-0000-7000-8000-0000000000aa", lines: [] },
});
