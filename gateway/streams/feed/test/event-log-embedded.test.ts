import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Broker } from "../../../../deploy/local/amqp/server/broker";
import { waitUntil } from "../../../../e2e/harness/wait-until";
import { describeEventLog, testsWithoutLog } from "./event-log.contract";
import { createFeedBench, type FeedBench, thing, things } from "./feed-bench";

let broker: Broker;
let port: number;

const urlOf = (of: number) => `amqp://guest:guest@127.0.0.1:${of}`;

beforeAll(async () => {
  broker = new Broker();
  port = await broker.listen(0);
});

afterAll(() => broker.close());

// What it has it delivers before it answers the next question.
describeEventLog({ name: "the embedded broker", url: () => urlOf(port), emptyMs: 20 });

test("goes on behind the last event after the broker was restarted, with nothing missed and nothing twice", async () => {
  const dataDirectory = fs.mkdtempSync(path.join(os.tmpdir(), "event-log-"));
  const first = new Broker({ dataDirectory });
  const itsPort = await first.listen(0);
  const bench = await createFeedBench(urlOf(itsPort));
  await bench.declare();
  const { until, gaps, replay } = await bench.openFeed();
  const events = things(40);
  const ids = events.map(({ id }) => id);
  await bench.publish(...events.slice(0, 20));
  await until(20);

  await first.close();
  const second = new Broker({ dataDirectory });
  await second.listen(itsPort);
  await bench.reconnectPublisher();
  await bench.publish(...events.slice(20));
  expect(await until(40)).toEqual(ids);
  expect(gaps()).toBe(0);
  expect(await replay({ offset: 4, id: ids[4]! })).toEqual(ids.slice(5));

  await bench.close();
  await second.close();
  fs.rmSync(dataDirectory, { recursive: true, force: true });
});

describe("on a broker without streams", () => {
  let old: Broker;
  let itsPort: number;
  let bench: FeedBench;
  beforeEach(async () => {
    old = new Broker({ streams: false });
    itsPort = await old.listen(0);
    bench = await createFeedBench(urlOf(itsPort), 1, { emptyMs: 20 });
  });
  afterEach(async () => {
    await bench.close();
    await old.close();
  });

  testsWithoutLog(
    () => bench,
    () => Promise.resolve(),
  );

  /** Another broker, at the same address. */
  const replace = async (streams: boolean) => {
    await old.close();
    old = new Broker({ streams });
    await old.listen(itsPort);
    await bench.reconnectPublisher();
  };
  const isReplayable = (feed: Awaited<ReturnType<FeedBench["openFeed"]>>) => feed.metric("gateway_feed_replayable");

  test("the one with streams that takes its place is read as a log, behind a gap, and events can be replayed", async () => {
    const opened = await bench.openFeed({ limits: { startMs: 20_000 } });
    const { feed, until, gaps, heard, replay } = opened;
    const [before, after] = [things(3), things(3)];
    await bench.publish(...before);
    await until(3);
    await replace(true);
    // What that one's log holds from long ago is none of the events of now.
    await bench.declare();
    await bench.publish(thing({ time: "2001-01-01T00:00:00.000Z" }), before[2]!);
    await waitUntil("the log", async () => (await isReplayable(opened)) === 1 && feed.head?.offset === 1);
    expect(gaps()).toBe(1);
    await bench.publish(...after);
    expect(await until(6)).toEqual([...before, ...after].map(({ id }) => id));
    expect(heard.slice(3).map(({ position }) => position?.offset)).toEqual([2, 3, 4]);
    expect(await replay({ offset: 2, id: after[0]!.id })).toEqual(after.slice(1).map(({ id }) => id));
  });

  test("one without streams that takes the place of one with a log is read all the same, behind a gap", async () => {
    await replace(true);
    await bench.declare();
    const opened = await bench.openFeed({ limits: { startMs: 20_000 } });
    const { feed, until, gaps } = opened;
    const [before, after] = [things(3), things(3)];
    await bench.publish(...before);
    await until(3);
    await replace(false);
    await waitUntil("the queue", async () => gaps() === 1 && (await isReplayable(opened)) === 0);
    await bench.publish(...after);
    expect(await until(6)).toEqual([...before, ...after].map(({ id }) => id));
    expect(feed.head).toBeUndefined();
  });
});
