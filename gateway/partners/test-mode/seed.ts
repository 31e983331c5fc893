/**
 * Everything generated follows from texts by these functions, so that it is the same on every gateway, every day: neither a clock nor a random
 * number is asked. They are no secret and no protection.
 */

/** FNV-1a, mixed at the end as MurmurHash3 does. @returns 0 to 2^32 - 1 */
export function hashOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = `${part}\n`;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A whole number from `min` to `max`, both included. */
export const between = (min: number, max: number, ...parts: readonly (string | number)[]): number =>
  min + (hashOf(...parts) % (max - min + 1));

/** @param items at least one */
export function oneOf<Item>(items: readonly Item[], ...parts: readonly (string | number)[]): Item {
  const item = items[hashOf(...parts) % items.length];
  if (item === undefined) throw new Error("there is nothing to choose from");
  return item;
}

export const hexOf = (digits: number, ...parts: readonly (string | number)[]): string =>
  Array.from({ length: Math.ceil(digits / 8) }, (_, i) =>
    hashOf(i, ...parts)
      .toString(16)
      .padStart(8, "0"),
  )
    .join("")
    .slice(0, digits);

/** The year in which everything generated happened. */
const YEAR_START = Date.UTC(2025, 0, 1);
const DAY_MS = 86_400_000;

/** A moment on the days `from` to `to` of the year. */
export const momentOf = (from: number, to: number, ...parts: readonly (string | number)[]): Date =>
  new Date(
    YEAR_START + between(from, to, "day", ...parts) * DAY_MS + between(0, DAY_MS / 1_000 - 1, "s", ...parts) * 1_000,
  );

/** In the form of version 7: https://www.rfc-editor.org/rfc/rfc9562#section-5.7 */
export function uuidOf(...parts: readonly (string | number)[]): string {
  const time = momentOf(0, 89, ...parts)
    .getTime()
    .toString(16)
    .padStart(12, "0");
  const random = hexOf(18, "uuid", ...parts);
  const variant = oneOf(["8", "9", "a", "b"], "variant", ...parts);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
