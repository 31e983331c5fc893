import type { EventPublisher } from "../amqp/create-publisher";
import type { EventMessage } from "../amqp/event-message";
import { newId } from "../ids";
import { createLogger } from "../log";
import { createRelay } from "../outbox/create-relay";
import type { OutboxSource } from "../outbox/outbox-source";

const log = createLogger("test", "silent");
const event = (subject: string, n: number): EventMessage => ({
  id: newId(),
  type: "test.thing.happened.v1",
  source: "/test",
  subject,
  time: new Date().toISOString(),
  data: { n },
});

/** An outbox in memory, and a promise of the moment when it is empty. */
function createOutbox(events: EventMessage[]): { source: OutboxSource; empty: Promise<void> } {
  let announce: () => void;
  const empty = new Promise<void>((resolve) => (announce = resolve));
  const source: OutboxSource = {
    lead: () => Promise.resolve(true),
    read: (limit) => Promise.resolve(events.slice(0, limit)),
    markPublished: (published) => {
      for (const { id } of published)
        events.splice(
          events.findIndex((candidate) => candidate.id === id),
          1,
        );
      if (events.length === 0) announce();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return { source, empty };
}

function createBroker(accept: (event: EventMessage) => boolean): { publisher: EventPublisher; sent: EventMessage[] } {
  const sent: EventMessage[] = [];
  return {
    sent,
    publisher: {
      publish: (events) =>
        Promise.resolve(
          events.map((candidate) => {
            const accepted = accept(candidate);
            if (accepted) sent.push(candidate);
            return accepted;
          }),
        ),
      close: () => Promise.resolve(),
    },
  };
}

test("publishes everything, events of one subject in their order", async () => {
  const events = [event("a", 1), event("a", 2), event("b", 1), event("a", 3), event("b", 2)];
  const { source, empty } = createOutbox([...events]);
  const { publisher, sent } = createBroker(() => true);
  const relay = createRelay({ source, publisher, log, pollMs: 1 });
  await empty;
  await relay.close();
  for (const subject of ["a", "b"]) {
    const order = sent.filter((one) => one.subject === subject).map(({ data }) => (data as { n: number }).n);
    expect(order).toEqual([...order].sort());
  }
  expect(sent).toHaveLength(5);
});

test("an event that the broker refuses holds back the later ones of its subject only, and goes out in the end", async () => {
  const events = [event("a", 1), event("a", 2), event("b", 1)];
  const { source, empty } = createOutbox([...events]);
  let refusals = 2;
  const { publisher, sent } = createBroker(({ id }) => id !== events[0]?.id || refusals-- <= 0);
  const relay = createRelay({ source, publisher, log, pollMs: 1 });
  await empty;
  await relay.close();
  expect(sent.map(({ subject, data }) => [subject, (data as { n: number }).n])).toEqual([
    ["b", 1],
    ["a", 1],
    ["a", 2],
  ]);
});

test("goes on after the store failed", async () => {
  const { source, empty } = createOutbox([event("a", 1)]);
  let failures = 2;
  const flaky: OutboxSource = {
    ...source,
    lead: () => (failures-- > 0 ? Promise.reject(new Error("away")) : Promise.resolve(true)),
  };
  const { publisher, sent } = createBroker(() => true);
  const relay = createRelay({ source: flaky, publisher, log, pollMs: 1 });
  await empty;
  await relay.close();
  expect(sent).toHaveLength(1);
});
