import { Broker } from "../../deploy/local/amqp/server/broker";
import { waitUntil } from "../../e2e/harness/wait-until";
import { createFeedBench, type FeedBench, thing } from "../streams/feed/test/feed-bench";
import { type LiveMessage, type ResumingClient, startResumingClient, TRANSPORTS } from "./faults/resuming-client";
import { type LiveThings, startLiveThings } from "./harness/live-things";

describe("a gateway whose broker has no streams", () => {
  let broker: Broker;
  let port: number;
  let bench: FeedBench;
  let live: LiveThings;
  let clients: readonly ResumingClient[];
  beforeEach(async () => {
    broker = new Broker({ streams: false });
    port = await broker.listen(0);
    bench = await createFeedBench(`amqp://guest:guest@127.0.0.1:${port}`);
    live = await startLiveThings(bench);
    clients = TRANSPORTS.map((transport) =>
      startResumingClient(transport, live.port, "subscription { things { id } }", { silentMs: 60_000 }),
    );
    await live.untilSubscriptions(TRANSPORTS.length);
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.stop()));
    await live.close();
    await bench.close();
    await broker.close();
  });

  const replaceBroker = async (streams: boolean) => {
    await broker.close();
    broker = new Broker({ streams });
    await broker.listen(port);
    await bench.reconnectPublisher();
  };
  const publish = (id: string) => bench.publish(thing({ data: { id } }));
  const idOf = ({ data }: LiveMessage) => (data?.["things"] as { id: string } | null | undefined)?.id;
  const told = ({ extensions }: LiveMessage) => extensions?.recovered;
  const allHave = (what: string, isIt: (message: LiveMessage) => boolean) =>
    waitUntil(what, () => clients.every(({ messages }) => messages.some(isIt)));

  it("gives events without cursors, tells everyone of a gap when it was away, and of cursors once there are streams", async () => {
    await publish("1");
    await allHave("the first event", (message) => idOf(message) === "1");
    await replaceBroker(false);
    await allHave("the gap", (message) => told(message) === false);
    await publish("2");
    await allHave("the second event", (message) => idOf(message) === "2");
    for (const { messages, connections } of clients) {
      expect(connections).toBe(1);
      expect(messages.map((message) => [idOf(message), told(message)])).toEqual([
        ["1", undefined],
        [undefined, false],
        ["2", undefined],
      ]);
      expect(messages.filter(({ extensions }) => extensions?.cursor !== undefined)).toEqual([]);
    }
    expect(await live.metric("gateway_feed_replayable")).toBe(0);

    await replaceBroker(true);
    await waitUntil("the log", async () => (await live.metric("gateway_feed_replayable")) === 1);
    await allHave("the next gap", (message) => told(message) === false);
    await publish("3");
    await allHave("the third event", (message) => idOf(message) === "3" && message.extensions?.cursor !== undefined);
  });
});
