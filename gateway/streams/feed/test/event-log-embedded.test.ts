import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Broker } from "../../../../deploy/local/amqp/server/broker";
import { describeEventLog } from "./event-log.contract";
import { createFeedBench, things } from "./feed-bench";

let broker: Broker;
let port: number;

const urlOf = (of: number) => `amqp://guest:guest@127.0.0.1:${of}`;

beforeAll(async () => {
  broker = new Broker();
  port = await broker.listen(0);
});

afterAll(() => broker.close());

describeEventLog({ name: "the embedded broker", url: () => urlOf(port) });

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
