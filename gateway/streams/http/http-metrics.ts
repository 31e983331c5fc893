import { Counter, Gauge, type Registry } from "../../../kit/metrics";
import type { DeliveryKind } from "./accepted-stream";

/** What is counted of one answer that goes on. */
export interface StreamObserver {
  opened(): void;
  closed(): void;
  /** The client took nothing of what waited for it, and is cut off. */
  stalled(): void;
}

/** The counterparts of those of WebSocket connections. */
export function createHttpStreamMetrics(registry: Registry): (delivery: DeliveryKind) => StreamObserver {
  const labels = { labelNames: ["delivery"] as const, registers: [registry] };
  const streams = new Gauge({
    ...labels,
    name: "gateway_http_streams",
    help: "Subscriptions over HTTP that are open: events (server-sent) or parts (multipart).",
  });
  const lost = new Counter({
    ...labels,
    name: "gateway_http_streams_lost_total",
    help: "Subscriptions over HTTP cut off, because nothing was taken of what waited for them.",
  });
  return (delivery) => ({
    opened: () => streams.inc({ delivery }),
    closed: () => streams.dec({ delivery }),
    stalled: () => lost.inc({ delivery }),
  });
}
