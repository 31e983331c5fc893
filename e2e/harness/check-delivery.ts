/** What became of every event on its way from who published it to who should hear of it. */
export interface Delivery {
  readonly once: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  /** Nobody published it, or not to this one. */
  readonly invented: readonly string[];
  /** Came after one that was published after it. */
  readonly disordered: readonly string[];
}

/**
 * @param published in the order of the log, each id once
 * @param delivered in the order of arrival
 */
export function checkDelivery(published: readonly string[], delivered: readonly string[]): Delivery {
  const places = new Map(published.map((id, place) => [id, place]));
  const times = new Map<string, number>();
  const disordered = new Set<string>();
  let latest = -1;
  for (const id of delivered) {
    const count = (times.get(id) ?? 0) + 1;
    times.set(id, count);
    const place = places.get(id);
    if (place === undefined || count > 1) continue;
    if (place < latest) disordered.add(id);
    latest = Math.max(latest, place);
  }
  return {
    once: published.filter((id) => times.get(id) === 1).length,
    lost: published.filter((id) => !times.has(id)),
    duplicated: published.filter((id) => (times.get(id) ?? 0) > 1),
    invented: [...times.keys()].filter((id) => !places.has(id)),
    disordered: [...disordered],
  };
}

/** The one outcome that is right. */
export const allOnce = (published: readonly string[]): Delivery => ({
  once: published.length,
  lost: [],
  duplicated: [],
  invented: [],
  disordered: [],
});
