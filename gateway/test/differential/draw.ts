import fc from "fast-check";

/** Random decisions of a generator: equal seeds give equal decisions. */
export interface Draw {
  /** An integer, both ends included. */
  between(min: number, max: number): number;
  /** True in about `percent` of a hundred. */
  chance(percent: number): boolean;
  /** @throws Error when there is nothing to pick from */
  pick<T>(from: readonly T[]): T;
  /** Every element with the same chance, in the order given. */
  some<T>(from: readonly T[], percent: number): T[];
  shuffle<T>(from: readonly T[]): T[];
}

/** One of these per world and per operation: whatever is drawn for one has no influence on another, so each can be replayed alone. */
export function createDraw(seed: number): Draw {
  const [generate] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  const salt = hash32(seed);
  let drawn = 0;
  // fast-check prefers small and extreme numbers; decisions have to be even, so each number is spread with its position.
  const even = (max: number): number => hash32(generate!(fc.integer) ^ hash32(drawn++ ^ salt)) % (max + 1);
  return {
    between: (min, max) => min + even(max - min),
    chance: (percent) => even(99) < percent,
    pick: (from) => {
      if (from.length === 0) throw new Error("there is nothing to pick from");
      return from[even(from.length - 1)]!;
    },
    some: (from, percent) => from.filter(() => even(99) < percent),
    shuffle: (from) => {
      const rest = [...from];
      return from.map(() => rest.splice(even(rest.length - 1), 1)[0]!);
    },
  };
}

/** Spreads neighbouring numbers over 32 bits (Steele and others, "Fast splittable pseudorandom number generators", 2014). */
export function hash32(value: number): number {
  let mixed = (value + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** A number of a text, for decisions that must be the same everywhere (FNV-1a, then spread). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash32(hash);
}
