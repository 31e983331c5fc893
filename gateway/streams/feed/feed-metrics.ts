import { Counter, Gauge, Histogram, type Registry } from "../../../kit/metrics";
import type { EventRing } from "./event-ring";

export type FeedMetrics = ReturnType<typeof createFeedMetrics>;

export function createFeedMetrics(registry: Registry, ring: EventRing) {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("gateway_event_ring_events", "Recent messages of the log held in memory for replays.", () => ring.count);
  gauge("gateway_event_ring_bytes", "About what the recent messages take in memory.", () => ring.bytes);
  return {
    received: counter("gateway_events_total", "Events that came from the broker, each once."),
    setAside: new Counter<"reason">({
      name: "gateway_events_set_aside_total",
      help: "Messages of the log that are no event: size, json, prototype, attribute or shape.",
      labelNames: ["reason"],
      registers,
    }),
    duplicates: counter("gateway_events_duplicate_total", "Messages with the id of an earlier event."),
    lag: new Histogram({
      name: "gateway_event_lag_seconds",
      help: "From when an event happened until the gateway had it.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600],
      registers,
    }),
    reconnects: counter("gateway_feed_reconnects_total", "How often the feed attached to the broker again."),
    gaps: counter("gateway_feed_gaps_total", "How often events may have been lost between the broker and the feed."),
    attached: new Gauge({ name: "gateway_feed_attached", help: "1 while the feed reads from the broker.", registers }),
    replayable: new Gauge({
      name: "gateway_feed_replayable",
      help: "1 when the broker keeps a log of events; 0 when clients cannot resume.",
      registers,
    }),
    replays: new Counter<"source">({
      name: "gateway_replays_total",
      help: "Replays of missed events: from memory (ring), from the broker (log), or impossible (gap).",
      labelNames: ["source"],
      registers,
    }),
  };
}
