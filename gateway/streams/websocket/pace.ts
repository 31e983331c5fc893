/** How fast a flood of clients is taken, so that others find the event loop free for a part of the time. */
export interface Pace {
  /** Somebody asked for something else: as long as that goes on, the flood is paced. */
  asked(): void;
  /** Whether somebody asked just now, and is being answered. */
  readonly isAnswering: boolean;
  /** The flood begins. */
  start(): void;
  /** One of the flood has been begun. */
  count(kind: Beginning): void;
  /**
   * Call it after each turn of the event loop in a flood.
   * @param left those who wait
   * @returns how long to leave the event loop alone now, in whole milliseconds
   */
  restMs(left: number): number;
  /** That time is over. */
  rested(): void;
}

/** A client that comes back needs each of them. */
export type Beginning = "connection" | "handshake" | "operation";

/** Whoever comes back is served within this time, unless the processor cannot do it; then it never rests. */
const FLOOD_MS = 8_000;
/**
 * For so long it rests as much as it may, whatever the speed: at first nothing is known of it, since code runs slowly before it is compiled, and most of what comes
 * at once comes then.
 */
const GENTLE_MS = 3_000;
/** Of what was worked: two thirds of the time are for others. */
const MOST_REST = 2;
/** What a client costs is measured over so long: at first more, before code is compiled and while all connect. */
const MEASURED_MS = 1_000;
/** Most answers are there within this time. Until then whoever asks has the event loop alone. */
const ANSWER_MS = 2;
/** Where questions follow so closely that this takes more than the flood may rest, it is ahead by so much at most. */
const MOST_AHEAD_MS = 20;
/** Without a question for so long there is nobody to leave the event loop to. */
const ASKED_MS = 1_000;

/**
 * The event loop rests in proportion to its work: twice as long as it worked at first, then no longer than lets the flood end in time: at the speed measured so far,
 * those who wait are spread over the time that is left.
 *
 * @param now in milliseconds
 */
export function createPace(now: () => number = () => performance.now()): Pace {
  let askedMs = -Infinity;
  let startedMs = 0;
  let lastMs = 0;
  let owedMs = 0;
  /** Of the last measurement: what one client costs. */
  let clientMs = 0;
  /** Of the one that is under way. */
  let measuredSinceMs = 0;
  let workedMs = 0;
  let begun: Record<Beginning, number> = { connection: 0, handshake: 0, operation: 0 };

  const measureAnew = (nowMs: number) => {
    measuredSinceMs = nowMs;
    workedMs = 0;
    begun = { connection: 0, handshake: 0, operation: 0 };
  };
  const measure = (nowMs: number) => {
    const clients = Math.max(begun.handshake, begun.operation);
    if (clients === 0 || nowMs - measuredSinceMs < MEASURED_MS) return;
    clientMs = workedMs / clients;
    measureAnew(nowMs);
  };
  /** How long to rest for each millisecond of work. */
  const restFor = (left: number, sinceMs: number) => {
    if (sinceMs < GENTLE_MS) return MOST_REST;
    const workLeftMs = left * clientMs;
    const spareMs = FLOOD_MS - sinceMs - workLeftMs;
    return Math.max(0, Math.min(spareMs / workLeftMs, MOST_REST));
  };
  return {
    asked: () => {
      askedMs = now();
    },
    get isAnswering() {
      return now() - askedMs < ANSWER_MS;
    },
    start: () => {
      startedMs = lastMs = now();
      owedMs = 0;
      measureAnew(startedMs);
    },
    count: (kind) => {
      begun[kind]++;
    },
    restMs: (left) => {
      const nowMs = now();
      const turnMs = nowMs - lastMs;
      lastMs = nowMs;
      workedMs += turnMs;
      measure(nowMs);
      if (nowMs - askedMs > ASKED_MS) return 0;
      const rest = restFor(left, nowMs - startedMs);
      owedMs += turnMs * rest;
      const answerMs = rest > 0 && owedMs > -MOST_AHEAD_MS ? askedMs + ANSWER_MS - nowMs : 0;
      // Timers have a resolution of a millisecond.
      return Math.max(0, Math.floor(owedMs), Math.ceil(answerMs));
    },
    rested: () => {
      const nowMs = now();
      owedMs -= nowMs - lastMs;
      lastMs = nowMs;
    },
  };
}
