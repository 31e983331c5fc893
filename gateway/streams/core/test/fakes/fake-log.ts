import type { EventMessage } from "../../../../../kit/amqp/event-message";
import { newId } from "../../../../../kit/ids";
import {
  type EventListener,
  type EventLog,
  type LoggedEvent,
  type Position,
  ReplayGapError,
} from "../../../feed/event-log";

/** A log in memory, whose broker can lose everything. */
export interface FakeLog extends EventLog {
  /** @returns the event, as it was logged */
  publish(type: string, data: unknown, more?: Partial<EventMessage>): LoggedEvent;
  /** The log was deleted; the next event is the first of a new one. */
  loseEverything(): void;
  /** Deletes the oldest events. */
  retain(events: number): void;
  /** How often events were asked for again. */
  readonly replays: number;
  /** Whether the broker was ever reached; until then there is no head. It is, unless somebody says otherwise. */
  attach(isAttached: boolean): void;
  /** Who waits for the broker. */
  readonly waiting: number;
  /** Keeps replays waiting until it is called again with false. */
  holdReplays(isHeld: boolean): void;
}

export function createFakeLog(now: () => number): FakeLog {
  let listener: EventListener | undefined;
  let kept: (LoggedEvent & { readonly position: Position })[] = [];
  let head: Position | undefined;
  let isAttached = true;
  const waiting = new Set<() => void>();
  let nextOffset = 0;
  let replays = 0;
  let held: { readonly released: Promise<void>; release: () => void } | undefined;

  return {
    get head() {
      return isAttached ? head : undefined;
    },
    get waiting() {
      return waiting.size;
    },
    attach: (is) => {
      isAttached = is;
      if (is) waiting.forEach((settle) => settle());
    },
    attached: (signal) =>
      new Promise((resolve) => {
        if (isAttached) return resolve();
        const settle = () => {
          waiting.delete(settle);
          resolve();
        };
        waiting.add(settle);
        signal.addEventListener("abort", settle);
      }),
    get replays() {
      return replays;
    },
    listen: (own) => (listener = own),
    publish: (type, data, more = {}) => {
      const event: EventMessage = {
        id: newId(),
        type,
        source: "/test",
        subject: "s",
        time: new Date(now()).toISOString(),
        data,
        ...more,
      };
      head = { offset: nextOffset++, id: event.id };
      const logged = { event, position: head };
      kept.push(logged);
      listener?.onEvent(logged);
      return logged;
    },
    loseEverything: () => {
      kept = [];
      head = undefined;
      nextOffset = 0;
      listener?.onGap();
    },
    retain: (events) => (kept = kept.slice(-events)),
    holdReplays: (isHeld) => {
      held?.release();
      let release = () => {};
      held = isHeld ? { released: new Promise((resolve) => (release = resolve)), release: () => release() } : undefined;
    },

    replay: async function* ({ after, until, maxAgeMs }) {
      replays++;
      const from = kept.findIndex(({ position }) => position.offset === after.offset && position.id === after.id);
      const first = kept[from];
      if (!first || Date.parse(first.event.time) < now() - maxAgeMs) throw new ReplayGapError("not there");
      const missed = kept.slice(from + 1).filter(({ position }) => position.offset <= until.offset);
      for (const logged of missed) {
        await held?.released;
        yield logged;
      }
    },
    close: () => Promise.resolve(),
  };
}
