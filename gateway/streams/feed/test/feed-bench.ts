import { connect, type ConfirmChannel, type Options } from "amqplib";
import { startTcpProxy, type TcpProxy } from "../../../../e2e/harness/tcp-proxy";
import { waitUntil } from "../../../../e2e/harness/wait-until";
import { type Broker, connectBroker } from "../../../../kit/amqp/connect-broker";
import { type EventMessage, toBody, toPublishOptions } from "../../../../kit/amqp/event-message";
import { createTopology, declareEvents } from "../../../../kit/amqp/topology";
import { newId } from "../../../../kit/ids";
import { createLogger } from "../../../../kit/log";
import { createMetrics } from "../../../../kit/metrics";
import type { EventLog, LoggedEvent, Position } from "../event-log";
import { type FeedLimits, openEventLog } from "../open-event-log";

const log = createLogger("test", process.env["TEST_LOG_LEVEL"] ?? "silent");

/** A platform's events on a broker: someone who publishes, feeds that listen, and a network to break between them. */
export type FeedBench = Awaited<ReturnType<typeof createFeedBench>>;
export type TestFeed = Awaited<ReturnType<FeedBench["openFeed"]>>;

/**
 * @param url of the broker; publishers reach it directly, feeds through the proxy
 * @param standard limits of its feeds
 */
export async function createFeedBench(url: string, seed = 1, standard: Partial<FeedLimits> = {}) {
  const namespace = `t-${newId()}`;
  const topology = createTopology(namespace);
  const target = new URL(url);
  const proxy: TcpProxy = await startTcpProxy({ host: target.hostname, port: Number(target.port || 5_672) }, seed);
  const proxied = new URL(url);
  proxied.hostname = "127.0.0.1";
  proxied.port = String(proxy.port);
  proxied.searchParams.set("heartbeat", "1");
  const toClose: (() => Promise<unknown>)[] = [];

  const withChannel = async <T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> => {
    const connection = await connect(url, { noDelay: true });
    try {
      return await work(await connection.createConfirmChannel());
    } finally {
      await connection.close();
    }
  };
  const publisher = await connect(url, { noDelay: true });
  publisher.on("error", () => undefined);
  let channel = await publisher.createConfirmChannel();

  const bench = {
    namespace,
    topology,
    /** Of the broker, behind the proxy. */
    proxiedUrl: proxied.href,
    proxy,
    withChannel,
    /** As somebody would by whom the feed's broker is not run: with other limits, or as another kind of queue. */
    declareLog: (options: Options.AssertQueue) =>
      withChannel(async (other) => {
        await other.assertExchange(topology.events, "topic", { durable: true });
        await other.assertQueue(topology.log, { durable: true, ...options });
        await other.bindQueue(topology.log, topology.events, "#");
      }),
    declare: () => withChannel((other) => declareEvents(other, topology)),
    deleteLog: () => withChannel((other) => other.deleteQueue(topology.log)),
    /** Settles when the broker has them all, in this order. */
    publish: async (...events: readonly EventMessage[]) => {
      for (const event of events) {
        channel.publish(topology.events, event.type, toBody(event), toPublishOptions(event));
      }
      await channel.waitForConfirms();
    },
    publishRaw: async (body: Buffer | string, options: Options.Publish = {}) => {
      channel.publish(topology.events, "test.thing.happened.v1", Buffer.from(body), options);
      await channel.waitForConfirms();
    },
    /**
     * @param options.throwsAt the event, from 0 on, that the listener cannot take in
     * @param options.around what to put between the feed and its connection
     */
    openFeed: async (
      options: {
        limits?: Partial<FeedLimits>;
        direct?: boolean;
        throwsAt?: number;
        now?: () => number;
        around?: (broker: Broker) => Broker;
      } = {},
    ) => {
      const { around = (same) => same } = options;
      const broker = await connectBroker({ url: options.direct ? url : proxied.href, log, name: "feed test" });
      const metrics = createMetrics("test");
      const limits = { ...standard, ...options.limits };
      const feed: EventLog = await openEventLog({ ...options, broker: around(broker), topology, log, metrics, limits });
      const heard: LoggedEvent[] = [];
      let gaps = 0;
      feed.listen({
        onEvent: (logged) => {
          if (heard.push(logged) - 1 === options.throwsAt) throw new Error("this event is too much");
        },
        onGap: () => void gaps++,
      });
      const close = async () => {
        await feed.close();
        await broker.close();
      };
      toClose.push(close);
      return {
        feed,
        heard,
        ids: () => heard.map(({ event }) => event.id),
        gaps: () => gaps,
        /** Everything that was heard, once it is so much. */
        until: async (count: number) => {
          await waitUntil(`event ${count}`, () => heard.length >= count, { pollMs: 5 });
          return heard.map(({ event }) => event.id);
        },
        metric: async (name: string, labels: Record<string, string> = {}) => {
          const found = await metrics.getSingleMetric(name)?.get();
          const fits = (value: { labels: Partial<Record<string, string | number>> }) =>
            Object.entries(labels).every(([label, text]) => value.labels[label] === text);
          return found?.values.find(fits)?.value ?? 0;
        },
        replay: (after: Position, until: Position = feed.head ?? after, maxAgeMs = 3_600_000) =>
          collect(feed.replay({ after, until, maxAgeMs })),
        close: async () => {
          toClose.splice(toClose.indexOf(close), 1);
          await close();
        },
      };
    },
    /** After the broker was away. */
    reconnectPublisher: async () => {
      const again = await connect(url, { noDelay: true });
      again.on("error", () => undefined);
      toClose.push(() => again.close().catch(() => undefined));
      channel = await again.createConfirmChannel();
    },
    close: async () => {
      await proxy.heal();
      await Promise.all(toClose.map((close) => close()));
      await publisher.close().catch(() => undefined);
      await proxy.close();
      await withChannel(async (other) => {
        await other.deleteQueue(topology.log);
        await other.deleteExchange(topology.events);
      });
    },
  };
  return bench;
}

let count = 0;
export const thing = (changes: Partial<EventMessage> = {}): EventMessage => ({
  id: newId(),
  type: "test.thing.happened.v1",
  source: "/test",
  subject: "thing",
  time: new Date().toISOString(),
  data: { n: ++count },
  ...changes,
});
export const things = (howMany: number): EventMessage[] => Array.from({ length: howMany }, () => thing());

export async function collect(events: AsyncIterable<LoggedEvent>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { event } of events) ids.push(event.id);
  return ids;
}
