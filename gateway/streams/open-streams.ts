import { type Broker, connectBroker } from "../../kit/amqp/connect-broker";
import { observeBroker } from "../../kit/amqp/observe-broker";
import { createTopology, type Topology } from "../../kit/amqp/topology";
import type { Logger } from "../../kit/log";
import type { Registry } from "../../kit/metrics";
import type { Shutdown } from "../../kit/shutdown";
import type { GatewayConfig } from "../config";
import type { Generations } from "../generation";
import type { Upstreams } from "../upstream/upstreams";
import { countEvents } from "./core/count-events";
import { createStreamPreparer } from "./core/create-stream-preparer";
import { createStreams } from "./core/create-streams";
import { createCursorCodec } from "./core/cursor";
import type { PrepareStream } from "./core/prepared-stream";
import { openEventLog } from "./feed/open-event-log";
import type { Streams } from "./stream";

/** A connection that died silently is noticed within three of them: live data stands still meanwhile. */
const HEARTBEAT_S = 5;

/** Live data, and what it is made of for those who subscribe without a client. */
export interface LiveData {
  /** To be closed by the caller, before the broker that `own` is given. */
  readonly streams: Streams;
  readonly broker: Broker;
  readonly topology: Topology;
  readonly prepare: PrepareStream;
}

/**
 * Joins the feed and the core of live data.
 * @returns `undefined` when no broker is configured
 */
export async function openStreams(options: {
  config: Pick<GatewayConfig, "broker" | "cursorSecrets" | "subscriptions">;
  generations: Generations;
  upstreams: Pick<Upstreams, "client">;
  own: Pick<Shutdown, "add">;
  log: Logger;
  metrics: Registry;
}): Promise<LiveData | undefined> {
  const { config, generations, upstreams, own, log, metrics } = options;
  if (!config.broker) return undefined;
  const { url, namespace } = config.broker;
  const broker = own.add("broker", await connectBroker({ url, log, name: "gateway", heartbeatS: HEARTBEAT_S }));
  observeBroker(broker, metrics);
  const topology = createTopology(namespace);
  const eventLog = own.add("events", await openEventLog({ broker, topology, log, metrics }));
  const { events, taken } = countEvents(eventLog);
  const prepare = createStreamPreparer({ upstreams, log, metrics, eventsTaken: taken });
  const streams = createStreams({
    events,
    prepare,
    generations,
    cursors: createCursorCodec({ secrets: config.cursorSecrets, log }),
    settings: config.subscriptions,
    log,
    metrics,
  });
  return { streams, broker, topology, prepare };
}
