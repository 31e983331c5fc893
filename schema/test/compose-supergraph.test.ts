import { CompositionError, composeSupergraph } from "../compose-supergraph";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@shareable", "@composeDirective"])`;
const EVENT = `extend schema @link(url: "https://tributary.dev/event/v1.0", import: ["@event"]) @composeDirective(name: "@event")
  directive @event(types: [String!]!, key: String!, where: String) on FIELD_DEFINITION`;
const subgraph = (name: string, text: string) => ({ name, url: `http://${name}/graphql`, sdl: `${LINK}\n${text}` });
const orders = (subscription: string) =>
  subgraph(
    "orders",
    `${EVENT} type Query { order: Order } type Order @key(fields: "id") { id: ID! } type Plain { a: Int } type Subscription { ${subscription} }`,
  );

const reasonsOf = (...subgraphs: ReturnType<typeof subgraph>[]): readonly string[] => {
  try {
    composeSupergraph(subgraphs);
  } catch (error) {
    if (error instanceof CompositionError) return error.reasons;
    throw error;
  }
  throw new Error("the subgraphs compose");
};

test("composes subgraphs into a supergraph and the API that clients see", () => {
  const { supergraphSdl, apiSdl } = composeSupergraph([
    orders(
      `orderUpdated(orderId: ID!): Order! @event(types: ["orders.order.placed.v1"], key: "orderId", where: "orderId == $args.orderId")`,
    ),
    subgraph(
      "users",
      `type Query { me: User } type User @key(fields: "id") { id: ID! } extend type Order @key(fields: "id") { id: ID! buyer: User }`,
    ),
  ]);
  expect(supergraphSdl).toContain("@event(types:");
  expect(apiSdl).toContain("buyer: User");
  expect(apiSdl).not.toContain("join__");
});

test("explains why subgraphs do not compose, naming them and the code", () => {
  const reasons = reasonsOf(
    subgraph("a", `type Query { x: Thing } type Thing { id: ID! size: Int }`),
    subgraph("b", `type Query { y: Thing } type Thing { id: ID! size: String @shareable }`),
  );
  expect(reasons.join("\n")).toMatch(/Thing\.size/);
  expect(reasons.join("\n")).toMatch(/\[[A-Z_]+\]/);
});

test.each([
  [
    "an event type that nobody has defined",
    `f: Order @event(types: ["orders.order.lost.v1"], key: "orderId")`,
    '"orders.order.lost.v1" is not in schema/events',
  ],
  [
    "a key that the body does not have",
    `f: Order @event(types: ["orders.order.placed.v1"], key: "order.id")`,
    'the path "order.id" (key) is not in the body',
  ],
  [
    "a prototype's key",
    `f: Order @event(types: ["orders.order.placed.v1"], key: "constructor")`,
    'the path "constructor" (key) is not in the body',
  ],
  [
    "a filter path that the body does not have",
    `f(x: ID): Order @event(types: ["orders.order.placed.v1"], key: "orderId", where: "basketId == $args.x")`,
    'the path "basketId" (where) is not in the body',
  ],
  [
    "a filter on an argument that the field does not have",
    `f: Order @event(types: ["orders.order.placed.v1"], key: "orderId", where: "orderId == $args.id")`,
    'it has no argument "id"',
  ],
  [
    "a filter that cannot be read",
    `f: Order @event(types: ["orders.order.placed.v1"], key: "orderId", where: "orderId ~ 3")`,
    "cannot be read",
  ],
  [
    "a type that is no entity",
    `f: Plain @event(types: ["orders.order.placed.v1"], key: "orderId")`,
    'it must return an entity with @key(fields: "id"), not Plain',
  ],
  ["no event at all", `f: Order`, "has no @event"],
])("refuses a subscription fed by %s", (_what, field, reason) => {
  const reasons = reasonsOf(orders(field));
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(/^orders: Subscription\.f/);
  expect(reasons[0]).toContain(reason);
});
