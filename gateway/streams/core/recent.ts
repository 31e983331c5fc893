import type { Clock } from "./clock";

/** Values that many ask for within a moment: each is kept for at least `keepMs` after its making, and at most twice as long. */
export interface Recent<Value> {
  get(key: string, make: () => Value): Value;
}

export function createRecent<Value>(clock: Clock, options: { keepMs: number; max: number }): Recent<Value> {
  const { keepMs, max } = options;
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  let stop: (() => void) | undefined;

  const turn = () => {
    old = young;
    young = new Map();
    stop?.();
    stop = old.size === 0 ? undefined : clock.after(keepMs, turn);
  };
  return {
    get: (key, make) => {
      const known = young.get(key) ?? old.get(key);
      if (known !== undefined) return known;
      if (young.size >= max) turn();
      const value = make();
      young.set(key, value);
      stop ??= clock.after(keepMs, turn);
      return value;
    },
  };
}
