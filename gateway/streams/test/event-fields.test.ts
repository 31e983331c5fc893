import { parse } from "graphql";
import { readEventFields } from "../event-fields";

const supergraph = (link: string, directive: string) =>
  parse(`
    schema @link(url: "https://specs.apollo.dev/link/v1.0") ${link} { query: Query subscription: Live }
    type Query { a: Int }
    type Live {
      orderUpdated(orderId: ID!): Order @${directive}(types: ["a.b.c.v1", "a.b.d.v1"], key: "order.id", where: "order.id == $args.orderId && userId == $claims.sub")
      unfed: Order
    }
    type Order { id: ID }
  `);

test.each([
  ["its own name", '@link(url: "https://tributary.dev/event/v1.0", import: ["@event"])', "event"],
  ["another name", '@link(url: "https://tributary.dev/event/v1.0", import: [{ name: "@event", as: "@live" }])', "live"],
])("reads the directive imported under %s, on any name of the root type", (_what, link, name) => {
  const fields = readEventFields(supergraph(link, name));
  expect([...fields.keys()]).toEqual(["orderUpdated"]);
  expect(fields.get("orderUpdated")).toEqual({
    name: "orderUpdated",
    types: ["a.b.c.v1", "a.b.d.v1"],
    key: ["order", "id"],
    entities: new Map(),
    where: [
      { path: ["order", "id"], operator: "==", operand: { source: "args", name: "orderId" } },
      { path: ["userId"], operator: "==", operand: { source: "claims", name: "sub" } },
    ],
    authorize: [],
    delivery: { kind: "ENTITY" },
    buffer: { policy: "LATEST", maxMessages: 256, maxBytes: 1_048_576, coalesceMs: 0 },
    replay: { maxAgeMs: 3_600_000, maxEvents: 10_000 },
  });
});

test("a directive of the same name that is not ours feeds nothing", () => {
  expect(readEventFields(supergraph('@link(url: "https://example.com/event/v1.0")', "event")).size).toBe(0);
});

test("refuses a condition that it cannot read", () => {
  const text = `schema @link(url: "https://tributary.dev/event/v1.0") { query: Query subscription: Subscription } type Query { a: Int }
    type Subscription { x: Int @event(types: ["a"], key: "id", where: "id ~ 3") }`;
  expect(() => readEventFields(parse(text))).toThrow('Subscription.x makes no sense: where: "id ~ 3" cannot be read');
});
