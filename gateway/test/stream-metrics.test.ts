import fs from "node:fs";
import path from "node:path";
import { Broker } from "../../deploy/local/amqp/server/broker";
import { waitUntil } from "../../e2e/harness/wait-until";
import { createFeedBench, type FeedBench, thing } from "../streams/feed/test/feed-bench";
import { type ResumingClient, startResumingClient, TRANSPORTS } from "./faults/resuming-client";
import { type LiveThings, startLiveThings } from "./harness/live-things";

const GUIDE = path.join(__dirname, "../../docs/guides/running-in-production.md");

describe("the figures of live data", () => {
  let broker: Broker;
  let bench: FeedBench;
  let live: LiveThings;
  let clients: ResumingClient[];
  beforeAll(async () => {
    broker = new Broker();
    bench = await createFeedBench(`amqp://guest:guest@127.0.0.1:${await broker.listen(0)}`);
    live = await startLiveThings(bench);
    clients = TRANSPORTS.map((transport) =>
      startResumingClient(transport, live.port, "subscription { things { id } }", { silentMs: 60_000 }),
    );
    await live.untilSubscriptions(3);
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.stop()));
    await live.close();
    await bench.close();
    await broker.close();
  });

  it("are right from the broker to the clients", async () => {
    const { metric } = live;
    for (const id of ["a", "b"]) await bench.publish(thing({ data: { id } }));
    await bench.publish(thing({ type: "test.other.happened.v1" }));
    await waitUntil("the events", () => clients.every(({ messages }) => messages.length === 2));
    await waitUntil("the last event", async () => (await metric("gateway_events_total")) === 3);

    const expected: readonly (readonly [name: string, labels: string, value: number])[] = [
      ["gateway_socket_connections", "", 1],
      ["gateway_http_streams", 'delivery="events"', 1],
      ["gateway_http_streams", 'delivery="parts"', 1],
      ["gateway_subscriptions", "", 3],
      ["gateway_subscription_groups", "", 1],
      ["gateway_events_total", "", 3],
      ["gateway_stream_events_total", 'matched="true"', 2],
      ["gateway_stream_events_total", 'matched="false"', 1],
      ["gateway_stream_matches_total", "", 2],
      ["gateway_stream_executions_total", "", 2],
      ["gateway_stream_messages_total", "", 6],
      ["gateway_stream_lost_total", "", 0],
      ["gateway_event_lag_seconds_count", "", 3],
      ...["feed", "executed", "written"].map(
        (stage) => ["gateway_stream_lag_seconds_count", `stage="${stage}"`, 2] as const,
      ),
    ];
    const found = await Promise.all(
      expected.map(async ([name, labels]) => [name, labels, await metric(name, labels)] as const),
    );
    expect(found).toEqual(expected);
    expect(await metric("gateway_stream_lag_seconds_sum", 'stage="written"')).toBeGreaterThanOrEqual(
      await metric("gateway_stream_lag_seconds_sum", 'stage="feed"'),
    );
  });

  it("go down when clients leave, and say why they left", async () => {
    await Promise.all(clients.splice(0).map((client) => client.stop()));
    await live.untilSubscriptions(0);
    const { metric } = live;
    await waitUntil("the connections", async () => (await metric("gateway_socket_connections")) === 0);
    expect(await metric("gateway_http_streams")).toBe(0);
    expect(await metric("gateway_subscription_groups")).toBe(0);
    expect(await metric("gateway_subscription_endings_total", 'reason="client"')).toBe(3);
  });

  it("are all in the guide", async () => {
    const guide = fs.readFileSync(GUIDE, "utf8");
    const names = [...(await live.metrics()).matchAll(/^# TYPE (gateway_\w+) /gm)].map(([, name]) => name!);
    const ofLiveData = names.filter((name) =>
      /^gateway_(event|feed|replay|socket|stream|subscription|http_stream)/.test(name),
    );
    expect(ofLiveData.length).toBeGreaterThan(25);
    expect(ofLiveData.filter((name) => !guide.includes(`\`${name}`))).toEqual([]);
  });
});
