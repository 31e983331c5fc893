import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EVENT_CATALOGUE, listenersOf } from "../events/catalogue";
import { orderPlaced } from "../events/order-placed";
import { InvalidEventDataError, parseEventData } from "../events/parse-event-data";

const ID = "01890000-0000-7000-8000-000000000001";
const placed = { orderId: ID, userId: ID, lines: [{ variantId: ID, productId: ID, quantity: 1 }] };

test("every event type is named once, after its publisher, with a major version", () => {
  const types = EVENT_CATALOGUE.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
  for (const { type, publisher } of EVENT_CATALOGUE)
    expect(type).toMatch(new RegExp(`^${publisher}\\.[a-z]+\\.[a-z]+\\.v[1-9]\\d*$`));
});

test("a publisher knows whose queues its events must reach", () => {
  expect(listenersOf("orders")).toEqual([
    { name: "products.on-order-placed", eventTypes: ["orders.order.placed.v1"] },
    { name: "products.on-order-cancelled", eventTypes: ["orders.order.cancelled.v1"] },
  ]);
  expect(listenersOf("nobody")).toEqual([]);
});

test("a body that keeps the contract passes, also with fields that a later minor version adds", () => {
  expect(parseEventData(orderPlaced, placed)).toEqual(placed);
  expect(parseEventData(orderPlaced, { ...placed, campaign: "spring" })).toMatchObject(placed);
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a list", []],
  ["no lines", { ...placed, lines: [] }],
  ["a missing key", { userId: ID, lines: placed.lines }],
  ["a key of the wrong type", { ...placed, orderId: 7 }],
  ["a key that is no id", { ...placed, orderId: "o1" }],
  ["a negative quantity", { ...placed, lines: [{ ...placed.lines[0], quantity: -1 }] }],
  ["a fractional quantity", { ...placed, lines: [{ ...placed.lines[0], quantity: 1.5 }] }],
  ["only a prototype's keys", JSON.parse(`{"__proto__": ${JSON.stringify(placed)}}`)],
])("a body that is %s is refused, and the refusal shows no value", (_what, data) => {
  expect(() => parseEventData(orderPlaced, data)).toThrow(InvalidEventDataError);
  try {
    parseEventData(orderPlaced, data);
  } catch (error) {
    expect((error as Error).message).not.toContain(ID);
  }
});

test("docs/events.md lists exactly the events of the catalogue", () => {
  const text = readFileSync(join(__dirname, "../../docs/events.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([a-z.]+\.v\d+)`\s*\| (.*?)\s*\| (\w+)\s*\| (.*?)\s*\|$/gm)].map(
    ([, type, description, publisher, listeners]) => ({ type, description, publisher, listeners }),
  );
  expect(rows).toEqual(
    EVENT_CATALOGUE.map(({ type, description, publisher, listeners }) => ({
      type,
      description,
      publisher,
      listeners: listeners.map((listener) => `\`${listener}\``).join(", ") || "the gateway only",
    })),
  );
});
