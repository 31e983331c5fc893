export interface DueDelivery {
  readonly id: string;
  readonly endpointId: string;
  /** Its endpoint fails or is slow. */
  readonly isTroubled: boolean;
}

/** How many deliveries run, by endpoint. */
export type Running = ReadonlyMap<string, { readonly count: number; readonly isTroubled: boolean }>;

/** At the same time, in one gateway. */
export interface DeliveryLimits {
  readonly total: number;
  readonly perEndpoint: number;
  /** Of all endpoints in trouble together; each of them has one. */
  readonly troubled: number;
}

/**
 * Which deliveries begin: each endpoint gets its first before anyone gets a second, and those in trouble leave most places to the others, so that
 * no number of slow or dead endpoints keeps a live one waiting.
 * @param due the longest due first
 */
export function chooseDeliveries<Due extends DueDelivery>(
  due: readonly Due[],
  running: Running,
  limits: DeliveryLimits,
): readonly Due[] {
  const counts = new Map([...running].map(([id, { count }]) => [id, count]));
  let free = limits.total - [...counts.values()].reduce((sum, count) => sum + count, 0);
  let freeForTroubled =
    limits.troubled - [...running.values()].reduce((sum, { count, isTroubled }) => sum + (isTroubled ? count : 0), 0);
  const chosen: Due[] = [];
  let rest = due;
  for (let wasChosen = true; wasChosen && free > 0;) {
    wasChosen = false;
    const served = new Set<string>();
    const left: Due[] = [];
    for (const delivery of rest) {
      const { endpointId, isTroubled } = delivery;
      const count = counts.get(endpointId) ?? 0;
      const isFull = count >= (isTroubled ? 1 : limits.perEndpoint) || (isTroubled && freeForTroubled <= 0);
      if (isFull) continue;
      if (free <= 0 || served.has(endpointId)) {
        left.push(delivery);
        continue;
      }
      served.add(endpointId);
      counts.set(endpointId, count + 1);
      free--;
      if (isTroubled) freeForTroubled--;
      chosen.push(delivery);
      wasChosen = true;
    }
    rest = left;
  }
  return chosen;
}
