import { parse } from "graphql";
import { readEventFields, valueAt } from "../event-fields";

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
    conditions: [
      { path: ["order", "id"], source: "args", name: "orderId" },
      { path: ["userId"], source: "claims", name: "sub" },
    ],
  });
});

test("a directive of the same name that is not ours feeds nothing", () => {
  expect(readEventFields(supergraph('@link(url: "https://example.com/event/v1.0")', "event")).size).toBe(0);
});

test("refuses a condition that it cannot read", () => {
  const text = `schema @link(url: "https://tributary.dev/event/v1.0") { query: Query subscription: Subscription } type Query { a: Int }
    type Subscription { x: Int @event(types: ["a"], key: "id", where: "id > 3") }`;
  expect(() => readEventFields(parse(text))).toThrow("Subscription.x has a condition that cannot be read: id > 3");
});

test("only own properties of a body are values", () => {
  const body = JSON.parse('{"order": {"id": "o1", "nested": {}}, "n": 1, "__proto__": {"id": "evil"}}') as unknown;
  expect(valueAt(body, ["order", "id"])).toBe("o1");
  expect(valueAt(body, ["n"])).toBe(1);
  for (const path of [["order"], ["missing"], ["order", "id", "length"], ["constructor", "name"], ["toString"]]) {
    expect(valueAt(body, path)).toBeUndefined();
  }
  expect(valueAt(null, ["a"])).toBeUndefined();
});
