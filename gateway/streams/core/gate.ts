import type { Clock } from "./clock";

/**
 * Lets so many through in each turn of the event loop, in the order of their coming, and nobody in the turn that they came in. Thousands who wait for one answer
 * would otherwise all go on in the turn in which it comes, and keep everyone else waiting for all of them.
 */
export function createGate(clock: Pick<Clock, "soon">, inTurn: number): () => Promise<void> {
  let waiting: (() => void)[] = [];
  let next = 0;

  const open = () => {
    const until = Math.min(next + inTurn, waiting.length);
    while (next < until) waiting[next++]?.();
    if (next < waiting.length) return clock.soon(open);
    waiting = [];
    next = 0;
  };
  return () =>
    new Promise((resolve) => {
      if (waiting.length === 0) clock.soon(open);
      waiting.push(resolve);
    });
}
