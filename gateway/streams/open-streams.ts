import { connectBroker } from "../../kit/amqp/connect-broker";
import { observeBroker } from "../../kit/amqp/observe-broker";
import { createTopology } from "../../kit/amqp/topology";
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
import { openEventLog } from "./feed/open-event-log";
import type { Streams } from "./stream";

/** A connection that died silently is noticed within three of them: live data stands still meanwhile. */
const HEARTBEAT_S = 5;

/**
 * Joins the feed and the core of live data.
 * @returns what the caller has to close, before the broker that `own` is given; `undefined` when no broker is configured
 */
export async function openStreams(options: {
  config: Pick<GatewayConfig, "broker" | "cursorSecrets" | "subscriptions">;
  generations: Generations;
  upstreams: Pick<Upstreams, "client">;
  own: Pick<Shutdown, "add">;
  log: Logger;
  metrics: Registry;
}): Promise<Streams | undefined> {
  const { config, generations, upstreams, own, log, metrics } = options;
  if (!config.broker) return undefined;
  const { url, namespace } = config.broker;
  const broker = own.add("broker", await connectBroker({ url, log, name: "gateway", heartbeatS: HEARTBEAT_S }));
  observeBroker(broker, metrics);
  const topology = createTopology(namespace);
  const eventLog = own.add("events", await openEventLog({ broker, topology, log, metrics }));
  const { events, taken } = countEvents(eventLog);
  return createStreams({
    events,
    prepare: createStreamPreparer({ upstreams, log, metrics, eventsTaken: taken }),
    generations,
    cursors: createCursorCodec({ secrets: config.cursorSecrets, log }),
    settings: config.subscriptions,
    log,
    metrics,
  });
}
