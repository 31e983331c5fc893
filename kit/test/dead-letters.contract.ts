import { waitUntil } from "../../e2e/harness/wait-until";
import { type Broker, connectBroker } from "../amqp/connect-broker";
import { consumeEvents } from "../amqp/consume-events";
import { createPublisher } from "../amqp/create-publisher";
import { type EventMessage, MalformedEventError } from "../amqp/event-message";
import { runDeadLetters } from "../amqp/run-dead-letters";
import { createTopology } from "../amqp/topology";
import { newId } from "../ids";
import { createLogger } from "../log";

const THING = "test.thing.happened.v1";

/** What `npm run events:dead` does, whichever broker is behind AMQP_URL. */
export function describeDeadLetters(server: { name: string; url(): string }): void {
  describe(`dead letters on ${server.name}`, () => {
    const namespace = `t-${newId()}`;
    const topology = createTopology(namespace);
    const log = createLogger("test", "silent");
    const queue = topology.handlerQueue("test", "on-thing");
    const env = () => ({ AMQP_URL: server.url(), AMQP_NAMESPACE: namespace });
    const run = (...argv: string[]) => runDeadLetters(argv, env());
    const event = (): EventMessage => ({
      id: newId(),
      type: THING,
      source: "/test",
      subject: "thing-1",
      time: "2026-01-01T00:00:00.000Z",
      data: { n: 1 },
    });
    const [given, other] = [event(), event()];
    const handled: EventMessage[] = [];
    let isMended = false;
    let broker: Broker;
    const toClose: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      broker = await connectBroker({ url: server.url(), log, name: "kit test" });
      const handle = (taken: EventMessage) => {
        if (!isMended) return Promise.reject(new MalformedEventError("the path /orderId is missing"));
        handled.push(taken);
        return Promise.resolve();
      };
      const handler = { name: "on-thing", eventTypes: [THING], handle };
      const consumer = consumeEvents({ broker, topology, service: "test", handler, log, isAway: () => false });
      const publisher = createPublisher(broker, topology, [{ name: "test.on-thing", eventTypes: [THING] }]);
      toClose.push(consumer.close, publisher.close);
      await waitUntil("the publisher", async () => (await publisher.publish([given]))[0]);
      await publisher.publish([other]);
      await waitUntil("the dead letters", async () => (await run("list")).includes(other.id));
    });
    afterAll(async () => {
      for (const close of toClose) await close();
      const gone = broker.session("test", async (channel) => {
        const delays = topology.delays.map((delay) => delay.queue);
        for (const name of [queue, topology.log, topology.deadLog, ...delays]) await channel.deleteQueue(name);
        for (const name of [topology.events, topology.retry, topology.dead]) await channel.deleteExchange(name);
      });
      await waitUntil("the end", () => gone.channel);
      await gone.close();
      await broker.close();
    });

    test("are listed, oldest first, and stay", async () => {
      for (let i = 0; i < 2; i++) {
        const [first, second] = (await run("list")).split("\n");
        expect(first).toBe(
          ["2026-01-01T00:00:00.000Z", given.id, THING, queue, "1x", "the path /orderId is missing"].join("  "),
        );
        expect(second).toContain(other.id);
      }
    });

    test("are shown whole", async () => {
      const [letter, ...more] = JSON.parse(await run("show", given.id)) as Record<string, unknown>[];
      expect(more).toEqual([]);
      expect(letter).toMatchObject({ id: given.id, queue, attempts: 1, body: '{"n":1}' });
    });

    test("are given back to the handler that gave them up, as they were, and no others are", async () => {
      isMended = true;
      expect(await run("replay", given.id)).toBe(`Given back to ${queue}.`);
      await waitUntil("the handler", () => handled.length > 0);
      expect(handled).toEqual([given]);
    });

    test.each([["show"], ["replay"]])("that nobody knows cannot be asked for: %s", async (command) => {
      await expect(run(command, newId())).rejects.toThrow("There is no dead letter of an event");
    });

    test("are not given back to a queue that is gone", async () => {
      // The consumer first: it would declare its queue anew.
      await toClose.shift()?.();
      const session = broker.session("test", async (channel) => void (await channel.deleteQueue(queue)));
      await waitUntil("its end", () => session.channel);
      await session.close();
      await expect(run("replay", other.id)).rejects.toThrow(`There is no queue ${queue} any more.`);
    });

    test.each([[[]], [["list", "1"]], [["show"]], [["replay", "1", "2"]], [["delete", "1"]]])(
      "are explained to who asks %j",
      async (argv) => {
        await expect(run(...argv)).rejects.toThrow("list             one line for each");
      },
    );
  });
}
