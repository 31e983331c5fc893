import { Counter, Gauge, type Registry } from "../../../kit/metrics";
import { createTalliedHistogram } from "./tallied-histogram";

export type EndingReason =
  "client" | "refused" | "token-expired" | "session-revoked" | "slow-consumer" | "graph-changed" | "going-away";

/** Why an event reaches nobody. */
export type SetAside = "stale" | "unusable";

/** The figures of live data. */
export interface StreamMetrics {
  /** Messages given to sinks: a plain number, because it is counted with every single one. */
  messages: number;
  event(groups: number): void;
  setAside(why: SetAside): void;
  executed(): void;
  lost(why: "replaced" | "dropped", policy: string): void;
  /** @param sinceMs when the event happened, in milliseconds since 1970; NaN when nobody knows */
  lag(stage: "feed" | "executed" | "written", sinceMs: number): void;
  replay(outcome: "recovered" | "impossible", events: number): void;
  ended(reason: EndingReason): void;
}

const LAG_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export function createStreamMetrics(options: {
  registry: Registry;
  now: () => number;
  subscriptions: () => number;
  groups: () => number;
}): StreamMetrics {
  const { registry, now, subscriptions, groups } = options;
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter<Label>({ name, help, labelNames, registers });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });

  gauge("gateway_subscriptions", "Subscriptions that run now.", subscriptions);
  gauge("gateway_subscription_groups", "Groups of subscriptions that share their executions.", groups);
  const events = counter("gateway_stream_events_total", "Events taken from the feed.", "matched");
  const matches = counter("gateway_stream_matches_total", "Groups that events were for, summed over the events.");
  const setAside = counter("gateway_stream_events_set_aside_total", "Events that reach nobody.", "why");
  const lost = counter(
    "gateway_stream_lost_total",
    "Messages or changes that nobody will read: replaced by a newer one of the entity, or dropped.",
    "why",
    "policy",
  );
  const replays = counter(
    "gateway_stream_replays_total",
    "Subscriptions that wanted to go on from a cursor.",
    "outcome",
  );
  const replayed = counter(
    "gateway_stream_replayed_events_total",
    "Events that were executed again for one subscriber.",
  );
  const endings = counter("gateway_subscription_endings_total", "Subscriptions that ended.", "reason");
  const lag = createTalliedHistogram({
    name: "gateway_stream_lag_seconds",
    help: "From the time of an event until it was here, executed, and written to all of a group.",
    label: "stage",
    values: ["feed", "executed", "written"],
    buckets: LAG_SECONDS,
    registry,
  });
  /** Counted with every execution. */
  let executed = 0;
  new Counter({
    name: "gateway_stream_executions_total",
    help: "Executions for an event or for the state of now.",
    registers,
    collect() {
      this.inc(executed);
      executed = 0;
    },
  });

  const metrics: StreamMetrics = {
    messages: 0,
    event: (found) => {
      events.labels(String(found > 0)).inc();
      if (found > 0) matches.inc(found);
    },
    setAside: (why) => setAside.labels(why).inc(),
    executed: () => void executed++,
    lost: (why, policy) => lost.labels(why, policy).inc(),
    lag: (stage, sinceMs) => {
      // Clocks of two machines differ a little.
      if (!Number.isNaN(sinceMs)) lag(stage, Math.max(0, now() - sinceMs) / 1_000);
    },
    replay: (outcome, count) => {
      replays.labels(outcome).inc();
      replayed.inc(count);
    },
    ended: (reason) => endings.labels(reason).inc(),
  };
  new Counter({
    name: "gateway_stream_messages_total",
    help: "Messages given to subscribers.",
    registers,
    collect() {
      this.inc(metrics.messages);
      metrics.messages = 0;
    },
  });
  return metrics;
}
