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
  /** Of all endpoints that answer, and quickly. */
  readonly healthy: number;
  readonly perEndpoint: number;
  /** Of all endpoints in trouble together, beside the others; each of them has one. */
  readonly troubled: number;
}

/**
 * Which deliveries begin: each endpoint gets its first before anyone gets a second, and those in trouble have places of their own, so that
 * no number of slow or dead endpoints keeps a live one waiting.
 * @param due the longest due first
 */
export function chooseDeliveries<Due extends DueDelivery>(
  due: readonly Due[],
  running: Running,
  limits: DeliveryLimits,
): readonly Due[] {
  const counts = new Map([...running].map(([id, { count }]) => [id, count]));
  const taken = (troubled: boolean) =>
    [...running.values()].reduce((sum, { count, isTroubled }) => sum + (isTroubled === troubled ? count : 0), 0);
  const free = { healthy: limits.healthy - taken(false), troubled: limits.troubled - taken(true) };
  const chosen: Due[] = [];
  let rest = due;
  while (rest.length > 0) {
    const served = new Set<string>();
    const left: Due[] = [];
    for (const delivery of rest) {
      const { endpointId, isTroubled } = delivery;
      const pool = isTroubled ? "troubled" : "healthy";
      const count = counts.get(endpointId) ?? 0;
      if (free[pool] <= 0 || count >= (isTroubled ? 1 : limits.perEndpoint)) continue;
      if (served.has(endpointId)) {
        left.push(delivery);
        continue;
      }
      served.add(endpointId);
      counts.set(endpointId, count + 1);
      free[pool]--;
      chosen.push(delivery);
    }
    rest = left;
  }
  return chosen;
}
