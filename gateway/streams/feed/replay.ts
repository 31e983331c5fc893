import type { Broker } from "../../../kit/amqp/connect-broker";
import type { DuplicateFilter } from "./duplicate-filter";
import { type EventLog, type LoggedEvent, type Position, ReplayGapError } from "./event-log";
import type { EventRing } from "./event-ring";
import type { FeedMetrics } from "./feed-metrics";
import type { LogEntry } from "./log-entry";
import { readLog } from "./read-log";
import { createSlots } from "./slots";

export interface ReplayLimits {
  /** Consumers of the log besides the feed; further replays wait. */
  readonly readersAtOnce: number;
  /** For one replay's reading from the broker, with the waiting for its turn. */
  readonly readingMs: number;
  /** How long the feed may be behind a cursor that another gateway gave. */
  readonly aheadMs: number;
}

/**
 * Replays from the ring while it reaches back far enough, else from the log. What was read from the log is kept before the ring, as far as
 * its bounds allow: when every client comes back after a restart, the first few replays read for all the others.
 */
export function createReplay(options: {
  broker: Broker;
  queue: string;
  ring: EventRing;
  duplicates: DuplicateFilter;
  metrics: FeedMetrics;
  limits: ReplayLimits;
  /** At most so much of the ring is filled with what was read again. */
  backfill: { readonly count: number; readonly bytes: number };
  /** Settles when the feed has come to this offset. */
  reached: (offset: number, signal: AbortSignal) => Promise<void>;
  hasLog: () => boolean;
  closing: AbortSignal;
  now: () => number;
}): EventLog["replay"] {
  const { broker, queue, ring, duplicates, metrics, limits, now } = options;
  const slots = createSlots(limits.readersAtOnce);
  const reachesBackTo = (offset: number) => ring.from !== undefined && ring.from <= offset;

  const isRepeated = ({ event, position }: LogEntry) =>
    event !== undefined && duplicates.isRepeated(event.id, position.offset);

  /** From the log until the ring takes over, or the end of the range; the entry at `place` is the first. */
  async function* fromLog(place: Position, until: Position, signal: AbortSignal): AsyncGenerator<LogEntry> {
    let read: LogEntry[] | undefined = [];
    let bytes = 0;
    for await (const entry of readLog({ broker, queue, from: place, onEarlier: isRepeated, signal })) {
      const { offset } = entry.position;
      if (reachesBackTo(offset)) {
        if (read && ring.from === offset) ring.prepend(read);
        yield ring.at(offset) ?? entry;
        return;
      }
      const mine = isRepeated(entry) ? { ...entry, event: undefined } : entry;
      if (read) {
        read.push(mine);
        bytes += mine.bytes;
        // Too much for the ring: from here on nothing joins up with it.
        if (read.length > options.backfill.count || bytes > options.backfill.bytes) read = undefined;
      }
      yield mine;
      if (offset >= until.offset) return;
    }
  }

  return async function* replay({ after, until, maxAgeMs, signal: givenUp }): AsyncGenerator<LoggedEvent> {
    // Who has the cursor has its event.
    const given = new Set([after.id]);
    let place = after;
    let isVerified = false;
    let source: "ring" | "log" | "gap" = "ring";

    const verify = (entry: LogEntry | undefined) => {
      if (entry?.position.offset !== after.offset || entry.position.id !== after.id) {
        throw new ReplayGapError("the log does not hold the message of the cursor any more");
      }
      if (now() - entry.timeMs > maxAgeMs) throw new ReplayGapError("the cursor is too old");
      isVerified = true;
    };
    const pass = ({ event, position }: LogEntry): LoggedEvent | undefined => {
      place = position;
      if (!event || given.has(event.id)) return undefined;
      // The ring may have it from before it was known to be a repetition.
      if (duplicates.isRepeated(event.id, position.offset)) return undefined;
      given.add(event.id);
      return { event, position };
    };

    const deadline = new AbortController();
    const isOver = AbortSignal.any([options.closing, deadline.signal, ...(givenUp ? [givenUp] : [])]);
    let timer: NodeJS.Timeout | undefined;
    const limit = (ms: number) => {
      timer ??= setTimeout(() => deadline.abort(new ReplayGapError("the log of events does not answer")), ms);
    };

    try {
      if (!options.hasLog()) throw new ReplayGapError("the broker keeps no log of events");
      if (after.offset > until.offset) {
        const ahead = setTimeout(() => deadline.abort(new ReplayGapError("the log is shorter")), limits.aheadMs);
        await options.reached(after.offset, isOver).finally(() => clearTimeout(ahead));
      }
      while (!isVerified || place.offset < until.offset) {
        isOver.throwIfAborted();
        if (reachesBackTo(place.offset)) {
          if (!isVerified) verify(ring.at(place.offset));
          const entry = ring.behind(place.offset);
          if (!entry || entry.position.offset > until.offset) break;
          const logged = pass(entry);
          if (logged) yield logged;
          continue;
        }
        limit(limits.readingMs);
        const leaveSlot = await slots.take(isOver);
        try {
          // Whoever had the slot before may have read for this one too.
          if (reachesBackTo(place.offset)) continue;
          source = "log";
          for await (const entry of fromLog(place, until, isOver)) {
            if (!isVerified) verify(entry);
            if (entry.position.offset <= place.offset || entry.position.offset > until.offset) continue;
            const logged = pass(entry);
            if (logged) yield logged;
          }
        } finally {
          leaveSlot();
          clearTimeout(timer);
          timer = undefined;
        }
      }
    } catch (error) {
      if (givenUp?.aborted) return;
      source = "gap";
      throw error;
    } finally {
      clearTimeout(timer);
      if (!givenUp?.aborted) metrics.replays.inc({ source });
    }
  };
}
