import type { EventMessage } from "../../../kit/amqp/event-message";

/** A place in the log of events. The id tells a log that was made anew from the one that a cursor is of. */
export interface Position {
  readonly offset: number;
  /** The message's id; `""` for one without. */
  readonly id: string;
}

export interface LoggedEvent {
  readonly event: EventMessage;
  /** `undefined` when the broker keeps no log: such an event can not be asked for again. */
  readonly position?: Position | undefined;
}

export interface EventListener {
  onEvent(logged: LoggedEvent): void;
  /**
   * Events may have been lost before the next one: nobody can say which. The log may be another one from here on, whose offsets begin
   * anew: `head` is `undefined` until its first event, and no boundary or cursor taken before counts any more.
   */
  onGap(): void;
}

/** Every event of the platform, in the order of the log: live, and again from an earlier place. */
export interface EventLog {
  /** The newest place that the listener has been told of or that was set aside; `undefined` before the first and without a log. */
  readonly head: Position | undefined;
  /**
   * Settles when the broker was reached for the first time, so that `head` says where the log ends: `undefined` from then on means that the
   * log is empty, or that there is none. Settles, too, when `signal` is aborted.
   */
  attached(signal: AbortSignal): Promise<void>;
  /** One listener, called synchronously in the order of the log. */
  listen(listener: EventListener): void;
  /**
   * The events behind `after`, up to and including `until`, oldest first, no event id twice. Ends early, without error, when the iteration
   * is returned from or `signal` is aborted. An `after` that lies behind `until` (a cursor of another gateway that is a little ahead) is
   * only verified: nothing is iterated, and live events count behind `after` then.
   * @throws ReplayGapError, from the first reading on, when some of them cannot be had any more, or not in time
   */
  replay(range: {
    after: Position;
    until: Position;
    maxAgeMs: number;
    signal?: AbortSignal;
  }): AsyncIterable<LoggedEvent>;
  close(): Promise<void>;
}

/** What was asked for again cannot be had: deleted by retention, too old, or the log is another one by now, or does not answer. */
export class ReplayGapError extends Error {
  override readonly name = "ReplayGapError";
}
