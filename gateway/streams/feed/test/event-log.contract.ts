import { waitUntil } from "../../../../e2e/harness/wait-until";
import type { Broker } from "../../../../kit/amqp/connect-broker";
import type { EventMessage } from "../../../../kit/amqp/event-message";
import { newId } from "../../../../kit/ids";
import { type LoggedEvent, type Position, ReplayGapError } from "../event-log";
import { createFeedBench, type FeedBench, thing, things } from "./feed-bench";

/**
 * What the core may rely on, whichever broker is behind AMQP_URL.
 * @param broker.emptyMs how long it takes to say that it has nothing
 */
export function describeEventLog(broker: { name: string; url(): string; emptyMs?: number }): void {
  const idsOf = (events: readonly EventMessage[]) => events.map(({ id }) => id);
  const places = (heard: readonly LoggedEvent[]) => heard.map(({ position }) => position!);
  const STREAM = { "x-queue-type": "stream" };

  describe(`the log of events on ${broker.name}`, () => {
    let bench: FeedBench;
    beforeEach(async () => {
      bench = await createFeedBench(broker.url(), 1, { emptyMs: broker.emptyMs ?? 250, confirmMs: 300 });
    });
    afterEach(() => bench.close());

    /** @param laterMs how much later the clock of the feed is */
    const openLate = async (laterMs = 0) => {
      await bench.proxy.refuse();
      return bench.openFeed({ limits: { startMs: 50 }, now: () => Date.now() + laterMs });
    };

    describe("live", () => {
      test("gives every event once, in order, with its place", async () => {
        await bench.declare();
        const { until, heard, feed } = await bench.openFeed();
        expect(feed.head).toBeUndefined();
        const events = things(200);
        await bench.publish(...events);
        expect(await until(200)).toEqual(idsOf(events));
        expect(heard.map(({ event }) => event)).toEqual(events);
        expect(places(heard)).toEqual(events.map(({ id }, offset) => ({ offset, id })));
        expect(feed.head).toEqual({ offset: 199, id: events[199]!.id });
      });

      test("begins behind what was published before it was opened, and knows where that ends", async () => {
        await bench.declare();
        const before = things(50);
        await bench.publish(...before);
        const { until, feed, gaps } = await bench.openFeed();
        expect(feed.head).toEqual({ offset: 49, id: before[49]!.id });
        const after = things(50);
        await bench.publish(...after);
        expect(await until(50)).toEqual(idsOf(after));
        expect(gaps()).toBe(0);
      });

      test("a broker that is away at the start is waited for, and nothing published since is missed", async () => {
        await bench.declare();
        await bench.proxy.refuse();
        const { until, feed, gaps } = await bench.openFeed({ limits: { startMs: 50 } });
        expect(feed.head).toBeUndefined();
        const events = things(20);
        await bench.publish(...events.slice(0, 10));
        await bench.proxy.accept();
        await bench.publish(...events.slice(10));
        expect(await until(20)).toEqual(idsOf(events));
        expect(gaps()).toBe(0);
      });

      test("a broker that is away at the start and comes back with nothing new tells where its log ends", async () => {
        await bench.declare();
        const before = things(30);
        await bench.publish(...before);
        // Further back than clocks may differ: what was published just before the start comes as new.
        const { feed, heard, until, gaps, replay } = await openLate(6_000);
        const soon = new AbortController();
        const waiting = feed.attached(soon.signal);
        await bench.proxy.accept();
        await waiting;
        expect(feed.head).toEqual({ offset: 29, id: before[29]!.id });
        expect(heard).toEqual([]);
        expect(await replay({ offset: 9, id: before[9]!.id })).toEqual(idsOf(before.slice(10)));
        const next = things(3);
        await bench.publish(...next);
        expect(await until(3)).toEqual(idsOf(next));
        expect(gaps()).toBe(0);
      });

      test("a broker that is away at the start and has an empty log is waited for, and no longer", async () => {
        await bench.declare();
        const { feed } = await openLate();
        const waiting = feed.attached(new AbortController().signal);
        await bench.proxy.accept();
        await waiting;
        expect(feed.head).toBeUndefined();
        await feed.attached(new AbortController().signal);
      });

      test("nobody waits longer than wanted for a broker that is away", async () => {
        await bench.declare();
        const { feed } = await openLate();
        const soon = new AbortController();
        const waiting = feed.attached(soon.signal);
        soon.abort();
        await waiting;
        await feed.attached(AbortSignal.abort());
      });

      test("an event that an outbox held back is no less new than others", async () => {
        await bench.declare();
        const { until } = await bench.openFeed();
        const late = thing({ time: "2001-01-01T00:00:00.000Z" });
        await bench.publish(late);
        expect(await until(1)).toEqual([late.id]);
      });

      test("a log that its operator gave other limits is read as it is", async () => {
        await bench.declareLog({ arguments: { ...STREAM, "x-max-age": "2h" } });
        const { until, heard } = await bench.openFeed();
        const event = thing();
        await bench.publish(event);
        expect(await until(1)).toEqual([event.id]);
        expect(heard[0]!.position).toEqual({ offset: 0, id: event.id });
      });

      test("a listener that throws misses none of the next events", async () => {
        await bench.declare();
        const { until } = await bench.openFeed({ throwsAt: 1 });
        const events = things(3);
        await bench.publish(...events);
        expect(await until(3)).toEqual(idsOf(events));
      });

      test("has one listener", async () => {
        await bench.declare();
        const { feed } = await bench.openFeed();
        expect(() => feed.listen({ onEvent: () => undefined, onGap: () => undefined })).toThrow("listener");
      });
    });

    describe("goes on behind the last event", () => {
      test.each(["reset", "refused", "half-closed", "abandoned"] as const)(
        "after connections were %s, with nothing missed and nothing twice",
        async (how) => {
          await bench.declare();
          const { until, gaps, metric } = await bench.openFeed();
          const events = things(60);
          await bench.publish(...events.slice(0, 20));
          await until(20);
          if (how === "reset") bench.proxy.reset();
          else if (how === "refused") await bench.proxy.refuse();
          else if (how === "half-closed") bench.proxy.halfClose("client");
          else bench.proxy.abandon();
          await bench.publish(...events.slice(20, 40));
          await bench.proxy.heal();
          await bench.publish(...events.slice(40));
          expect(await until(60)).toEqual(idsOf(events));
          expect(gaps()).toBe(0);
          expect(await metric("gateway_feed_reconnects_total")).toBeGreaterThan(0);
        },
      );

      test("after its channel was closed by an error, with its connection as it was", async () => {
        await bench.declare();
        let breakChannel = () => Promise.resolve();
        const around = (broker: Broker): Broker => ({
          get connected() {
            return broker.connected;
          },
          session: (name, setUp) =>
            broker.session(name, async (channel) => {
              breakChannel = () => channel.checkQueue(`${bench.namespace}.unknown`).then(undefined, () => undefined);
              await setUp(channel);
            }),
          confirmSession: broker.confirmSession,
          close: broker.close,
        });
        const { until, gaps, metric } = await bench.openFeed({ around });
        const events = things(60);
        await bench.publish(...events.slice(0, 20));
        await until(20);
        await breakChannel();
        await bench.publish(...events.slice(20));
        expect(await until(60)).toEqual(idsOf(events));
        expect(gaps()).toBe(0);
        expect(await metric("gateway_feed_reconnects_total")).toBe(1);
      });

      test("after a network that was silent, slow and late", async () => {
        await bench.declare();
        const { until, gaps } = await bench.openFeed();
        const events = things(40);
        bench.proxy.delay(20, 20);
        await bench.publish(...events.slice(0, 10));
        bench.proxy.drip(50, 1);
        await bench.publish(...events.slice(10, 20));
        bench.proxy.hold();
        await bench.publish(...events.slice(20, 30));
        await bench.proxy.heal();
        await bench.publish(...events.slice(30));
        expect(await until(40)).toEqual(idsOf(events));
        expect(gaps()).toBe(0);
      });

      test("before the first event, when the connection is lost early", async () => {
        await bench.declare();
        const { until, gaps } = await bench.openFeed();
        await bench.proxy.refuse();
        const events = things(5);
        await bench.publish(...events);
        await bench.proxy.accept();
        expect(await until(5)).toEqual(idsOf(events));
        expect(gaps()).toBe(0);
      });
    });

    describe("tells of a gap", () => {
      test("when the log is deleted, and goes on with the new one", async () => {
        await bench.declare();
        const { until, gaps, feed, replay } = await bench.openFeed();
        const [before, after] = [things(10), things(5)];
        await bench.publish(...before);
        await until(10);
        const cursor = feed.head!;
        await bench.deleteLog();
        await bench.declare();
        await bench.publish(...after);
        expect(await until(15)).toEqual(idsOf([...before, ...after]));
        expect(gaps()).toBe(1);
        expect(feed.head).toEqual({ offset: 4, id: after[4]!.id });
        await expect(replay({ offset: 2, id: before[2]!.id })).rejects.toThrow(ReplayGapError);
        expect(cursor.offset).toBe(9);
      });

      test("when the log was made anew while nobody looked, and is longer by now", async () => {
        await bench.declare();
        const { until, gaps } = await bench.openFeed();
        const [before, after] = [things(3), things(30)];
        await bench.publish(...before);
        await until(3);
        await bench.proxy.refuse();
        await bench.deleteLog();
        await bench.declare();
        await bench.publish(...after);
        await bench.proxy.accept();
        expect(await until(33)).toEqual(idsOf([...before, ...after]));
        expect(gaps()).toBe(1);
      });

      test("when what it had not read was deleted by retention", async () => {
        const small = { "x-max-length-bytes": 200_000, "x-stream-max-segment-size-bytes": 50_000 };
        await bench.declareLog({ arguments: { ...STREAM, ...small } });
        const { until, gaps, heard, feed, replay } = await bench.openFeed({ limits: { ringEvents: 4 } });
        const first = thing();
        await bench.publish(first);
        await until(1);
        await bench.proxy.refuse();
        const filler = "x".repeat(5_000);
        for (let batch = 0; batch < 15; batch++) {
          await bench.publish(...Array.from({ length: 20 }, () => thing({ data: { filler } })));
        }
        await bench.proxy.accept();
        const last = thing();
        await bench.publish(last);
        await waitUntil("the newest event", () => heard.at(-1)?.event.id === last.id);
        expect(gaps()).toBe(1);
        expect(heard[1]!.position!.offset).toBeGreaterThan(1);
        await expect(replay({ offset: 0, id: first.id }, feed.head)).rejects.toThrow(ReplayGapError);
      }, 60_000);
    });

    describe("sets aside", () => {
      const attributes = (changes: object = {}) => ({
        headers: {
          cloudEvents_id: newId(),
          cloudEvents_type: "t",
          cloudEvents_source: "/s",
          cloudEvents_subject: "s",
          cloudEvents_time: new Date().toISOString(),
          ...changes,
        },
      });
      test.each([
        ["broken JSON", "{", attributes(), "json"],
        ["no body", "", attributes(), "json"],
        ["a body that is no object", "null", attributes(), "shape"],
        ["a list", "[1]", attributes(), "shape"],
        ["nesting without end", "[".repeat(200_000), attributes(), "json"],
        ["a prototype key", '{"a":{"__proto__":{"admin":true}}}', attributes(), "prototype"],
        ["a prototype key in disguise", '{"\\u005f_proto__":1}', attributes(), "prototype"],
        ["no attributes", "{}", {}, "attribute"],
        ["an empty attribute", "{}", attributes({ cloudEvents_id: "" }), "attribute"],
        ["an attribute that is no text", "{}", attributes({ cloudEvents_type: 7 }), "attribute"],
        ["10 MB", `{"x":"${"x".repeat(10_000_000)}"}`, attributes(), "size"],
      ])("%s, and goes on behind it", async (_what, body, options, reason) => {
        await bench.declare();
        const { until, feed, metric, gaps } = await bench.openFeed();
        await bench.publishRaw(body, options);
        await waitUntil("its place", () => feed.head?.offset === 0);
        expect(await metric("gateway_events_set_aside_total", { reason })).toBe(1);
        bench.proxy.reset();
        const event = thing();
        await bench.publish(event);
        expect(await until(1)).toEqual([event.id]);
        expect(feed.head).toEqual({ offset: 1, id: event.id });
        expect(gaps()).toBe(0);
      });

      test("the second message of an event", async () => {
        await bench.declare();
        const { until, metric, feed, replay } = await bench.openFeed();
        const [one, two, three] = [thing(), thing(), thing()];
        await bench.publish(one, two, one, two, three);
        expect(await until(3)).toEqual(idsOf([one, two, three]));
        expect(await metric("gateway_events_duplicate_total")).toBe(2);
        expect(await replay({ offset: 0, id: one.id }, feed.head)).toEqual(idsOf([two, three]));
      });
    });

    describe("replays", () => {
      /** A log of so many events, and a feed that was there or came afterwards. */
      const prepare = async (howMany: number, feedIs: "there" | "later", limits = {}) => {
        await bench.declare();
        const early = feedIs === "there" ? await bench.openFeed({ limits }) : undefined;
        const events = things(howMany);
        for (let at = 0; at < howMany; at += 50) await bench.publish(...events.slice(at, at + 50));
        const opened = early ?? (await bench.openFeed({ limits }));
        await waitUntil("the end of the log", () => opened.feed.head?.offset === howMany - 1);
        const place = (offset: number): Position => ({ offset, id: events[offset]!.id });
        const between = (after: number, until: number) => idsOf(events.slice(after + 1, until + 1));
        return { ...opened, place, between };
      };

      test("exactly what was missed, from memory", async () => {
        const { replay, place, between, metric } = await prepare(100, "there");
        expect(await replay(place(9), place(59))).toEqual(between(9, 59));
        expect(await replay(place(0))).toEqual(between(0, 99));
        expect(await replay(place(99))).toEqual([]);
        expect(await metric("gateway_replays_total", { source: "ring" })).toBe(3);
      });

      test("exactly what was missed, from the broker, and from memory the next time", async () => {
        const { replay, place, between, metric } = await prepare(300, "later");
        expect(await replay(place(120), place(250))).toEqual(between(120, 250));
        expect(await replay(place(9))).toEqual(between(9, 299));
        expect(await replay(place(10))).toEqual(between(10, 299));
        expect(await metric("gateway_replays_total", { source: "log" })).toBe(2);
        expect(await metric("gateway_replays_total", { source: "ring" })).toBe(1);
      });

      test("no event that its publisher repeated, though another process gave the first of them", async () => {
        await bench.declare();
        const events = things(100);
        const [one, two] = [events[10]!, events[20]!];
        await bench.publish(...events.slice(0, 30), one, two, ...events.slice(30));
        // So that the newest messages written together are not all of them.
        for (const event of things(20)) await bench.publish(event);
        const { replay } = await bench.openFeed();
        const missed = await replay({ offset: 20, id: two.id }, { offset: 101, id: events[99]!.id });
        expect(missed).toEqual(idsOf(events.slice(21)));
      });

      test("no event live that its publisher repeats after the feed was opened, long behind the first of them", async () => {
        await bench.declare();
        const events = things(100);
        await bench.publish(...events);
        // So that the newest messages written together are not all of them.
        for (const event of things(20)) await bench.publish(event);
        const { until, metric, gaps } = await bench.openFeed();
        const next = thing();
        await bench.publish(events[10]!, next);
        expect(await until(1)).toEqual([next.id]);
        expect(await metric("gateway_events_duplicate_total")).toBe(1);
        expect(gaps()).toBe(0);
      });

      test("no event that its publisher repeated before the feed was opened, from memory", async () => {
        await bench.declare();
        const events = things(60);
        for (const event of events) await bench.publish(event);
        const next = thing();
        // The newest message: it is in memory before its feed knows that it is a repetition.
        await bench.publish(next, events[10]!);
        const { feed, replay } = await bench.openFeed();
        expect(feed.head).toEqual({ offset: 61, id: events[10]!.id });
        expect(await replay({ offset: 59, id: events[59]!.id })).toEqual([next.id]);
      });

      describe("when the feed cannot read what was before its start", () => {
        /** Replays read by a session of that name, and so does the look at what was before. */
        const onReading = (broker: Broker, open: Broker["session"]): Broker => ({
          get connected() {
            return broker.connected;
          },
          session: (name, setUp) => (name === "replay" ? open : broker.session)(name, setUp),
          confirmSession: broker.confirmSession,
          close: broker.close,
        });
        const prepareLong = async () => {
          await bench.declare();
          const events = things(50);
          for (const event of events) await bench.publish(event);
          return events;
        };

        test("as the broker does not answer, it starts all the same, and nothing old counts as new", async () => {
          const events = await prepareLong();
          const never = () => ({ channel: undefined, close: () => Promise.resolve() });
          const around = (broker: Broker) => onReading(broker, never);
          const { feed, until, gaps } = await bench.openFeed({ limits: { startMs: 2_000 }, around });
          expect(feed.head).toEqual({ offset: 49, id: events[49]!.id });
          const next = things(3);
          await bench.publish(...next);
          expect(await until(3)).toEqual(idsOf(next));
          expect(gaps()).toBe(0);
        });

        test("as the log is deleted meanwhile, it does not wait for it", async () => {
          await prepareLong();
          const around = (broker: Broker) =>
            onReading(broker, (name, setUp) =>
              broker.session(name, async (channel) => {
                await bench.deleteLog();
                await setUp(channel);
              }),
            );
          // Longer than the test may take.
          const { until } = await bench.openFeed({ limits: { startMs: 600_000, replayMs: 600_000 }, around });
          await bench.declare();
          const next = things(3);
          await bench.publish(...next);
          expect(await until(3)).toEqual(idsOf(next));
        });
      });

      test("more than fits into memory", async () => {
        const { replay, place, between, metric } = await prepare(300, "there", { ringEvents: 40 });
        expect(await replay(place(9))).toEqual(between(9, 299));
        expect(await metric("gateway_event_ring_events")).toBe(40);
      });

      test("to very many at once, with a few consumers", async () => {
        const { replay, place, between, metric } = await prepare(300, "later");
        const places = Array.from({ length: 300 }, (_, offset) => offset);
        const all = await Promise.all(places.map((offset) => replay(place(offset))));
        expect(all).toEqual(places.map((offset) => between(offset, 299)));
        expect(await metric("gateway_replays_total", { source: "log" })).toBeLessThanOrEqual(8);
      });

      test("while the connection breaks again and again", async () => {
        const { feed, place, between } = await prepare(400, "later", { ringEvents: 50 });
        bench.proxy.drip(2_000, 1);
        const replayed: string[] = [];
        for await (const { event } of feed.replay({ after: place(0), until: place(399), maxAgeMs: 60_000 })) {
          if (replayed.push(event.id) % 50 === 0) bench.proxy.reset();
        }
        expect(replayed).toEqual(between(0, 399));
      });

      test("nothing that somebody does not want any more", async () => {
        const { feed, place } = await prepare(100, "later");
        const range = { after: place(0), until: place(99), maxAgeMs: 60_000 };
        for await (const { position } of feed.replay(range)) if (position!.offset === 10) break;
        const giveUp = new AbortController();
        let read = 0;
        for await (const _ of feed.replay({ ...range, signal: giveUp.signal })) if (++read === 5) giveUp.abort();
        expect(read).toBe(5);
      });

      test("a cursor of another gateway that is ahead: it waits for the feed, and has nothing to give", async () => {
        const { replay, place } = await prepare(10, "there");
        const next = thing();
        const ahead = replay({ offset: 10, id: next.id }, place(9));
        await bench.publish(next);
        expect(await ahead).toEqual([]);
      });

      test.each([
        ["whose event is another one", (place: Position) => ({ ...place, id: newId() }), {}],
        ["behind the end of the log", () => ({ offset: 1_000, id: newId() }), { aheadMs: 50 }],
      ])("no cursor %s", async (_what, change, limits) => {
        const { replay, place, metric } = await prepare(30, "there", limits);
        await expect(replay(change(place(5)), place(29))).rejects.toThrow(ReplayGapError);
        expect(await metric("gateway_replays_total", { source: "gap" })).toBe(1);
      });

      test("no cursor from the broker whose event is another one", async () => {
        const { replay, place } = await prepare(300, "later");
        await expect(replay({ ...place(5), id: newId() }, place(299))).rejects.toThrow(ReplayGapError);
      });

      test.each(["there", "later"] as const)("no cursor that is too old (the feed was %s)", async (feedIs) => {
        const { feed, place } = await prepare(200, feedIs);
        const range = { after: place(5), until: place(199), maxAgeMs: -1 };
        await expect(async () => {
          for await (const _ of feed.replay(range));
        }).rejects.toThrow(ReplayGapError);
      });

      test("nothing in time from a broker that does not answer", async () => {
        const { replay, place } = await prepare(300, "later", { replayMs: 100 });
        await bench.proxy.refuse();
        await expect(replay(place(5), place(299))).rejects.toThrow("does not answer");
      });

      test("nothing any more once the feed is closed", async () => {
        const { replay, place, feed } = await prepare(300, "later");
        await bench.proxy.refuse();
        const running = replay(place(5), place(299));
        const refused = expect(running).rejects.toThrow(ReplayGapError);
        await feed.close();
        await refused;
      });
    });

    describe("where another kind of queue has the log's name", () => {
      testsWithoutLog(
        () => bench,
        () => bench.declareLog({ arguments: { "x-max-length": 1 } }),
      );
    });

    test("a server that takes connections and says nothing delays a start for a moment only", async () => {
      bench.proxy.hold();
      const { feed } = await bench.openFeed({ limits: { startMs: 50 } });
      expect(feed.head).toBeUndefined();
    });
  });
}

/** What holds without a log of events. @param prepare called before the feed is opened */
export function testsWithoutLog(benchOf: () => FeedBench, prepare: () => Promise<unknown>): void {
  test("events come live and without a place, and a gap is told after each reconnection", async () => {
    await prepare();
    const bench = benchOf();
    // What is published before the feed is there is lost.
    const { until, heard, feed, gaps, metric } = await bench.openFeed({ limits: { startMs: 20_000 } });
    const events = things(20);
    await bench.publish(...events.slice(0, 10), events[9]!);
    await until(10);
    expect(gaps()).toBe(0);
    bench.proxy.reset();
    await waitUntil("the gap", () => gaps() === 1);
    await bench.publish(...events.slice(10));
    expect(await until(20)).toEqual(events.map(({ id }) => id));
    expect(heard.map(({ position }) => position)).toEqual(Array.from({ length: 20 }));
    expect(feed.head).toBeUndefined();
    expect(await metric("gateway_feed_replayable")).toBe(0);
    await feed.attached(new AbortController().signal);
  });

  test("nothing is replayed", async () => {
    await prepare();
    const { replay } = await benchOf().openFeed();
    await expect(replay({ offset: 0, id: "" })).rejects.toThrow(ReplayGapError);
  });
}
