/** One timer for all connections. */
export interface Pulse {
  /** @param beat called again and again with the time in milliseconds, until what is returned is called; must return at once */
  add(beat: (nowMs: number) => void): () => void;
}

/** Beats while there is anyone to beat for; does not keep the process alive. */
export function createPulse(everyMs: number): Pulse {
  const beats = new Set<(nowMs: number) => void>();
  let timer: NodeJS.Timeout | undefined;
  const beatAll = () => {
    const nowMs = performance.now();
    for (const beat of beats) beat(nowMs);
  };
  return {
    add: (beat) => {
      beats.add(beat);
      timer ??= setInterval(beatAll, everyMs).unref();
      return () => {
        beats.delete(beat);
        if (beats.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
