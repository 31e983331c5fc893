import type { EventMessage } from "../../../kit/amqp/event-message";
import type { EventField } from "../event-fields";
import { createSubscriptionIndex } from "../subscription-index";

const event = (type: string, data: unknown): EventMessage => ({
  id: "e1",
  type,
  source: "/test",
  subject: "s",
  time: "2026-01-01T00:00:00Z",
  data,
});
const byOrder: EventField = {
  name: "orderUpdated",
  types: ["order.placed.v1", "order.confirmed.v1"],
  key: ["orderId"],
  conditions: [
    { path: ["orderId"], source: "args", name: "orderId" },
    { path: ["userId"], source: "claims", name: "sub" },
  ],
};
const all: EventField = { name: "orderPlaced", types: ["order.placed.v1"], key: ["orderId"], conditions: [] };

function subscriber(field: EventField, ...expected: string[]) {
  const events: unknown[] = [];
  return { field, expected, events, deliver: ({ data }: EventMessage) => void events.push(data) };
}

test("an event reaches exactly those whose type and conditions fit", () => {
  const index = createSubscriptionIndex();
  const mine = subscriber(byOrder, "o1", "u1");
  const otherOrder = subscriber(byOrder, "o2", "u1");
  const otherUser = subscriber(byOrder, "o1", "u2");
  const everything = subscriber(all);
  [mine, otherOrder, otherUser, everything].forEach((one) => index.add(one));

  index.dispatch(event("order.placed.v1", { orderId: "o1", userId: "u1" }));
  index.dispatch(event("order.confirmed.v1", { orderId: "o1", userId: "u1" }));
  index.dispatch(event("order.shipped.v1", { orderId: "o1", userId: "u1" }));
  index.dispatch(event("order.placed.v1", null));
  expect(mine.events).toHaveLength(2);
  expect(otherOrder.events).toHaveLength(0);
  expect(otherUser.events).toHaveLength(0);
  expect(everything.events).toHaveLength(2);
});

test("a number never stands for the same text", () => {
  const index = createSubscriptionIndex();
  const one = subscriber({ ...byOrder, conditions: byOrder.conditions.slice(0, 1) }, "1");
  index.add(one);
  index.dispatch(event("order.placed.v1", { orderId: 1 }));
  expect(one.events).toHaveLength(0);
});

test("who leaves gets nothing more, and the others stay", () => {
  const index = createSubscriptionIndex();
  const [staying, leaving] = [subscriber(byOrder, "o1", "u1"), subscriber(byOrder, "o1", "u1")];
  index.add(staying);
  const leave = index.add(leaving);
  leave();
  leave();
  index.dispatch(event("order.placed.v1", { orderId: "o1", userId: "u1" }));
  expect([staying.events.length, leaving.events.length, index.size]).toEqual([1, 0, 1]);
});
