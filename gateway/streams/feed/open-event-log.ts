import type { Broker } from "../../../kit/amqp/connect-broker";
import type { Topology } from "../../../kit/amqp/topology";
import type { Logger } from "../../../kit/log";
import type { Registry } from "../../../kit/metrics";
import { createDuplicateFilter } from "./duplicate-filter";
import { type EventListener, type EventLog, type Position, ReplayGapError } from "./event-log";
import { createEventRing } from "./event-ring";
import { createFeedMetrics } from "./feed-metrics";
import type { LogEntry } from "./log-entry";
import { createLogReader } from "./log-reader";
import { readLog } from "./read-log";
import { createReplay } from "./replay";

export interface FeedLimits {
  readonly ringEvents: number;
  readonly ringBytes: number;
  /** Event ids that are remembered to tell duplicates. */
  readonly rememberedEvents: number;
  readonly replayReaders: number;
  readonly replayMs: number;
  readonly aheadMs: number;
  /** How long a start waits for the broker. */
  readonly startMs: number;
  /** How long an empty log may take to say nothing. */
  readonly emptyMs: number;
  /** How long the broker may take to deliver a message that it has. */
  readonly confirmMs: number;
}

const LIMITS: FeedLimits = {
  ringEvents: 10_000,
  ringBytes: 33_554_432,
  rememberedEvents: 20_000,
  replayReaders: 4,
  replayMs: 30_000,
  aheadMs: 5_000,
  startMs: 2_000,
  emptyMs: 250,
  confirmMs: 2_000,
};

/** A publisher repeats what it cannot be sure of within so many messages, as a rule. Kept small, because a start waits for their reading. */
const LOOK_BACK = 1_000;

/** A publisher of nothing but nonsense does not fill the log of this process: the metric counts, a line now and then says what it is. */
const SET_ASIDE_QUIET_MS = 10_000;

/**
 * The platform's events, from the log that the broker keeps. Settles when it is known where the log ends, so that no event published after
 * that is missed, and which events came last before it, so that their repetitions are told. When the broker is away or slow it settles all
 * the same, two seconds later; events since then come when the broker does.
 */
export async function openEventLog(options: {
  broker: Broker;
  topology: Topology;
  log: Logger;
  metrics: Registry;
  limits?: Partial<FeedLimits>;
  now?: () => number;
}): Promise<EventLog> {
  const { broker, topology, log, now = Date.now } = options;
  const limits = { ...LIMITS, ...options.limits };
  const ring = createEventRing({ count: limits.ringEvents, bytes: limits.ringBytes });
  const duplicates = createDuplicateFilter(limits.rememberedEvents);
  const metrics = createFeedMetrics(options.metrics, ring);
  const closing = new AbortController();
  /** Over when the log that it reads is another one. */
  const lookingBack = new AbortController();
  let lookedBack: Promise<void> | undefined;
  /** Who waits for the broker to be reached; `undefined` once it was. */
  let unattached: Set<() => void> | undefined = new Set();
  /** Who waits for the feed to come to an offset. */
  const waiting = new Set<{ offset: number; resolve: () => void }>();
  let head: Position | undefined;
  let hasLog = true;
  let arrivals = 0;
  let quietUntilMs = -Infinity;
  let listener: EventListener | undefined;

  /** A listener that fails has a bug of its own; the events behind this one are not to pay for it. */
  const tell = (call: (to: EventListener) => void) => {
    try {
      if (listener) call(listener);
    } catch (err) {
      log.error({ err }, "an event could not be taken in");
    }
  };

  const tellAttached = () => {
    const told = unattached;
    unattached = undefined;
    told?.forEach((tellOne) => tellOne());
  };

  /**
   * Learns the ids of the events before the first that the reader gives. That one's place is known from then on, so what this takes is
   * never a question of which events are new, only of whether a repetition is told.
   */
  const lookBackFrom = async (from: Position) => {
    if (from.offset === 0 || lookingBack.signal.aborted) return;
    const signal = AbortSignal.any([closing.signal, lookingBack.signal, AbortSignal.timeout(limits.replayMs)]);
    const onEarlier = ({ event, position }: LogEntry) =>
      void (event && duplicates.isRepeated(event.id, position.offset));
    try {
      for await (const _ of readLog({ broker, queue: topology.log, from, lookBack: LOOK_BACK, onEarlier, signal }))
        break;
    } catch (err) {
      if (!closing.signal.aborted)
        log.warn({ err }, "the events before the start could not be read; some may be repeated");
    }
  };

  const onEntry = (entry: LogEntry, isNew: boolean) => {
    const { malformation, position, timeMs } = entry;
    const inLog = hasLog ? position : undefined;
    const isRepeated = entry.event !== undefined && duplicates.isRepeated(entry.event.id, inLog?.offset ?? arrivals++);
    const event = isRepeated ? undefined : entry.event;
    if (inLog) {
      head = inLog;
      lookedBack ??= lookBackFrom(inLog);
      ring.append(isRepeated ? { ...entry, event: undefined } : entry);
      tellAttached();
      for (const one of waiting) if (one.offset <= inLog.offset) one.resolve();
    }
    if (!isNew) return;
    if (malformation) {
      metrics.setAside.inc({ reason: malformation.kind });
      if (now() >= quietUntilMs) {
        quietUntilMs = now() + SET_ASIDE_QUIET_MS;
        log.warn({ ...malformation, ...inLog }, "a message of the event log is no event and was set aside");
      }
    } else if (isRepeated) metrics.duplicates.inc();
    if (!event) return;
    metrics.received.inc();
    if (!Number.isNaN(timeMs)) metrics.lag.observe(Math.max(0, now() - timeMs) / 1_000);
    tell((to) => to.onEvent({ event, position: inLog }));
  };

  let startTimer: NodeJS.Timeout | undefined;
  const startLimit = new Promise<void>((resolve) => (startTimer = setTimeout(resolve, limits.startMs)));
  const reader = createLogReader({
    broker,
    topology,
    log,
    now,
    startLimitMs: limits.startMs,
    emptyMs: limits.emptyMs,
    confirmMs: limits.confirmMs,
    listener: {
      onEntry,
      onEnd: tellAttached,
      onGap: (isNewLog, reason) => {
        if (isNewLog) {
          head = undefined;
          lookingBack.abort(new ReplayGapError("the log of events is another one than before"));
          duplicates.newLog();
        }
        // Nobody is served across a hole.
        ring.clear();
        metrics.gaps.inc();
        log.warn({ reason }, "events may have been lost; subscribers are told");
        tell((to) => to.onGap());
      },
      onAttach: (attachment) => {
        hasLog = attachment.hasLog;
        metrics.attached.set(1);
        metrics.replayable.set(hasLog ? 1 : 0);
        if (attachment.again) metrics.reconnects.inc();
      },
      onDetach: () => metrics.attached.set(0),
    },
  });

  const reached = (offset: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (head && head.offset >= offset) return resolve();
      const settle = (outcome: () => void) => () => {
        waiting.delete(one);
        signal.removeEventListener("abort", onAbort);
        outcome();
      };
      const one = { offset, resolve: settle(resolve) };
      const onAbort = settle(() => reject(signal.reason as Error));
      waiting.add(one);
      signal.addEventListener("abort", onAbort);
      if (signal.aborted) onAbort();
    });

  const replay = createReplay({
    broker,
    queue: topology.log,
    ring,
    duplicates,
    metrics,
    limits: { readersAtOnce: limits.replayReaders, readingMs: limits.replayMs, aheadMs: limits.aheadMs },
    backfill: { count: limits.ringEvents / 2, bytes: limits.ringBytes / 2 },
    reached,
    hasLog: () => hasLog,
    closing: closing.signal,
    now,
  });

  await reader.started;
  if (lookedBack) await Promise.race([lookedBack, startLimit]);
  clearTimeout(startTimer);
  return {
    get head() {
      return hasLog ? head : undefined;
    },
    attached: (signal) =>
      new Promise((resolve) => {
        const waiters = unattached;
        if (!waiters || signal.aborted) return resolve();
        const settle = () => {
          waiters.delete(settle);
          signal.removeEventListener("abort", settle);
          resolve();
        };
        waiters.add(settle);
        signal.addEventListener("abort", settle);
      }),
    listen: (to) => {
      if (listener) throw new Error("the event log has its listener already");
      listener = to;
    },
    replay,
    close: async () => {
      closing.abort(new ReplayGapError("this process ends"));
      tellAttached();
      await Promise.all([reader.close(), lookedBack]);
    },
  };
}
