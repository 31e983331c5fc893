/** How fast a flood of clients is taken, so that others find the event loop free for a part of the time. */
export interface Pace {
  /** Somebody asked for something else: as long as that goes on, the flood is paced. */
  asked(): void;
  /** Whether somebody asked just now, and is being answered. */
  readonly isAnswering: boolean;
  /** The flood begins. */
  start(): void;
  /** One step of the flood has been begun. */
  count(): void;
  /**
   * Call it after each turn of the event loop in a flood.
   * @param left steps until all who wait are served
   * @returns how long to leave the event loop alone now, in whole milliseconds
   */
  restMs(left: number): number;
  /** That time is over. */
  rested(): void;
}

/** Whoever comes back is served within this time, unless the processor cannot do it; then it never rests. */
const FLOOD_MS = 8_000;
/**
 * For so long two thirds of the time are for others, whatever is left: nobody knows yet how many come, code runs slowly before it is compiled, and most of what comes at once
 * comes then.
 */
const GENTLE_MS = 3_000;
/** Of what was worked. */
const GENTLE_REST = 2;
/** Of what was worked: five sixths of the time are for others, where the flood ends in time all the same. A small one does not take longer than that. */
const MOST_REST = 5;
/** Most answers are there within this time. Until then whoever asks has the event loop alone. */
const ANSWER_MS = 2;
/** Where questions follow so closely that this takes more than the flood may rest, it is ahead by so much at most. It is also the most to catch up with. */
const MOST_AHEAD_MS = 20;
/** Without a question for so long there is nobody to leave the event loop to. */
const ASKED_MS = 1_000;

/**
 * The event loop rests in proportion to its work, no longer than lets the flood end in time: the steps that are left are
 * spread evenly over the time that is left, and what a step does not need of its share is rest. At first it rests twice as long as it worked at least. What steps cost is not foretold from those before: the
 * first of many clients cost several times as much as the last.
 *
 * @param now in milliseconds
 */
export function createPace(now: () => number = () => performance.now()): Pace {
  let askedMs = -Infinity;
  let startedMs = 0;
  let lastMs = 0;
  let owedMs = 0;
  let begun = 0;

  /** What the last turn leaves to others. Less than nothing when its steps took longer than their share. */
  const restAfter = (turnMs: number, steps: number, left: number, sinceMs: number) => {
    const shareMs = Math.max(0, FLOOD_MS - sinceMs) / left;
    const rest = Math.min(steps * shareMs - turnMs, turnMs * MOST_REST);
    return sinceMs < GENTLE_MS ? Math.max(rest, turnMs * GENTLE_REST) : rest;
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
      begun = 0;
    },
    count: () => {
      begun++;
    },
    restMs: (left) => {
      const nowMs = now();
      const turnMs = nowMs - lastMs;
      const steps = begun;
      lastMs = nowMs;
      begun = 0;
      if (nowMs - askedMs > ASKED_MS) return 0;
      owedMs = Math.max(-MOST_AHEAD_MS, owedMs + restAfter(turnMs, steps, left, nowMs - startedMs));
      const answerMs = owedMs > -MOST_AHEAD_MS ? askedMs + ANSWER_MS - nowMs : 0;
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
