import type { Logger } from "../../../kit/log";
import { type EventLog, type Position, ReplayGapError } from "../feed/event-log";
import type { Clock } from "./clock";
import type { GoneSignal } from "../../upstream/upstream-context";
import type { CursorCodec } from "./cursor";
import type { Executions } from "./executions";
import type { Group } from "./group";
import type { EntityKey } from "./prepared-stream";
import { createRecent } from "./recent";
import type { ReplayLimiter } from "./replay-limiter";
import type { StaleEvents } from "./stale-events";
import { entityOf, keyOf, StreamEvent } from "./stream-event";
import type { StreamMetrics } from "./stream-metrics";
import type { Subscriber } from "./subscriber";
import { traceReplay } from "./trace-event";
import { createTurnstile } from "./turnstile";

/** Gives subscribers what they missed. */
export interface Replays {
  /**
   * Delivers what happened for a group behind one place of the log up to another, in order, one message for each event. A reader that takes
   * no more makes it wait.
   * @returns false, with nothing delivered, when it cannot be had any more
   */
  run(subscriber: Subscriber, group: Group, range: MissedRange): Promise<boolean>;
  /**
   * Settles when the log is known up to a place that another gateway has already told a client of, or after a moment; at once when the
   * client is gone. A gateway that has not reached its broker yet is given some seconds for it.
   */
  reach(position: Position, gone?: GoneSignal): Promise<void>;
}

export interface MissedRange {
  readonly client: string;
  readonly after: Position;
  /** The newest place when the subscriber joined; `undefined` without a log. */
  readonly until: Position | undefined;
}

interface Missed {
  readonly event: StreamEvent;
  readonly key: EntityKey;
}

/** After a lost connection many come with the same cursor: they share the reading and the executions of so long. */
const SHARED_MS = 1_000;
const SHARED_READINGS = 1_000;
const SHARED_EVENTS = 10_000;
const PARALLEL_READINGS = 32;
/** Executions ahead of what was delivered. */
const AHEAD = 8;
/** Reading past an event that is for someone else is that much cheaper than executing one. */
const READ_PER_EXECUTED = 50;
const EVENTS_PER_TURN = 128;
/** How far another gateway may be ahead of this one. */
const REACH_MS = 1_000;
const REACH_STEP_MS = 20;
/** How long a client waits that comes back before the broker does: without it, it would be told that events may be missing. */
const ATTACH_MS = 5_000;

export function createReplays(options: {
  events: Pick<EventLog, "attached" | "head" | "replay">;
  stale: StaleEvents;
  executions: Executions;
  cursors: CursorCodec;
  limiter: ReplayLimiter;
  /** Those who share a reading get what was read one after the other. */
  enterTurn: () => Promise<void>;
  metrics: StreamMetrics;
  clock: Clock;
  log: Logger;
}): Replays {
  const { events, stale, executions, cursors, limiter, enterTurn, metrics, clock, log } = options;
  const readings = createRecent<Promise<Reading>>(clock, { keepMs: SHARED_MS, max: SHARED_READINGS });
  const shared = createRecent<StreamEvent>(clock, { keepMs: SHARED_MS, max: SHARED_EVENTS });
  const enter = createTurnstile(PARALLEL_READINGS);
  const turn = () => new Promise<void>((resolve) => clock.soon(resolve));

  const attached = async (gone: GoneSignal | undefined): Promise<void> => {
    if (gone?.aborted) return;
    const over = new AbortController();
    const giveUp = () => over.abort();
    const stop = clock.after(ATTACH_MS, giveUp);
    gone?.addEventListener("abort", giveUp, { once: true });
    await events.attached(over.signal);
    stop();
    gone?.removeEventListener("abort", giveUp);
  };

  interface Reading {
    /** `undefined` when it cannot be had any more. */
    readonly missed: readonly Missed[] | undefined;
    readonly read: number;
  }

  const read = async (group: Group, after: Position, until: Position): Promise<Reading> => {
    const { replay } = group.field;
    const missed: Missed[] = [];
    let count = 0;
    try {
      for await (const logged of events.replay({ after, until, maxAgeMs: replay.maxAgeMs })) {
        if (++count % EVENTS_PER_TURN === 0) await turn();
        const { event, position } = logged;
        if (!group.wants(event) || !group.allows(event) || stale.includes(event)) continue;
        const key = keyOf(group.field, event);
        if (key === undefined) continue;
        if (missed.length === replay.maxEvents) return { missed: undefined, read: count };
        const make = () => new StreamEvent(logged, cursors.encode);
        missed.push({ event: position ? shared.get(`${position.offset} ${position.id}`, make) : make(), key });
      }
    } catch (err) {
      if (!(err instanceof ReplayGapError)) log.warn({ err }, "missed events could not be read again");
      return { missed: undefined, read: count };
    }
    return { missed, read: count };
  };

  /** @returns how many of them the subscriber is done with: all, unless it went away */
  const deliver = async (subscriber: Subscriber, group: Group, missed: readonly Missed[]): Promise<number> => {
    const running: ReturnType<Executions["ofEvent"]>[] = [];
    if (missed.length > 1) subscriber.gather();
    for (const [i, { event, key }] of missed.entries()) {
      while (running.length < missed.length && running.length <= i + AHEAD) {
        const next = missed[running.length];
        if (!next) break;
        traceReplay(next.event, clock.now());
        running.push(executions.ofEvent(group.prepared, next.event, next.key));
      }
      const message = await running[i];
      if (i % EVENTS_PER_TURN === EVENTS_PER_TURN - 1) await turn();
      if (!(await subscriber.ready())) return i;
      if (message) {
        subscriber.deliver({
          message,
          entity: entityOf(group.field, event.event, key),
          recovered: undefined,
          dropped: 0,
        });
      }
    }
    return missed.length;
  };

  return {
    run: async (subscriber, group, { client, after, until }) => {
      await limiter.enter(client);
      if (subscriber.ending) return true;
      const { missed, read: count } = await missedBetween(group, after, until);
      limiter.charge(client, 1 + (missed?.length ?? 0) + count / READ_PER_EXECUTED);
      metrics.replay(missed ? "recovered" : "impossible", missed?.length ?? 0);
      if (!missed) return false;
      subscriber.owe(true, 0);
      if (missed.length > 0) await enterTurn();
      const delivered = await deliver(subscriber, group, missed);
      // Whose connection breaks again and again would otherwise owe for what it never got, and wait ever longer.
      limiter.charge(client, delivered - missed.length);
      return true;
    },
    reach: async (position, gone) => {
      if (!events.head) await attached(gone);
      const untilMs = clock.now() + REACH_MS;
      while (!gone?.aborted && events.head && events.head.offset < position.offset && clock.now() < untilMs) {
        await new Promise<void>((resolve) => clock.after(REACH_STEP_MS, resolve));
      }
    },
  };

  function missedBetween(group: Group, after: Position, until: Position | undefined): Promise<Reading> | Reading {
    if (!until || after.offset > until.offset) return { missed: undefined, read: 0 };
    if (after.offset === until.offset) return { missed: after.id === until.id ? [] : undefined, read: 0 };
    const key = `${group.id} ${after.offset} ${after.id} ${until.offset}`;
    return readings.get(key, () => enter(() => read(group, after, until)));
  }
}
