/**
 * Lets so many through at a time; the others wait in the order of their coming.
 * @returns runs what it is given when there is room
 */
export function createTurnstile(limit: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async (run) => {
    if (inside < limit) inside++;
    // Whoever leaves hands over the place.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  };
}
