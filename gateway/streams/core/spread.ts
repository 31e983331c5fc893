import type { Clock } from "./clock";

const STEP_MS = 50;
const AT_ONCE = 100;

/**
 * Does something with each of many, not all in one instant: a hundred at a time, as long as that ends within `overMs`.
 * @returns settles when it was done with all
 */
export async function spread<Item>(
  clock: Clock,
  items: readonly Item[],
  overMs: number,
  each: (item: Item) => void,
): Promise<void> {
  const steps = Math.max(1, Math.floor(overMs / STEP_MS));
  const perStep = Math.max(AT_ONCE, Math.ceil(items.length / steps));
  for (let at = 0; at < items.length; at += perStep) {
    if (at > 0) await new Promise<void>((resolve) => clock.after(STEP_MS, resolve));
    items.slice(at, at + perStep).forEach(each);
  }
}
