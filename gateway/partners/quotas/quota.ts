/** So many cost units can be used at once; what was used comes back evenly over the window. */
export interface Quota {
  readonly units: number;
  readonly windowS: number;
}

/** What a partner and a key have in place of the quotas that everybody has. */
export interface OwnQuotas {
  readonly partner?: Quota;
  readonly key?: Quota;
}

/** A quota with what was used of it. */
export interface QuotaBucket extends Quota {
  /** Whose it is; the same on every gateway. */
  readonly id: string;
}

/** Where quotas are counted. */
export interface QuotaStore {
  /**
   * Takes units out of every bucket, or out of none when one has too few. None at all asks how much is there.
   * @throws when the store cannot tell, at once or later
   */
  reserve(buckets: readonly QuotaBucket[], units: number): Reservation | Promise<Reservation>;
  close(): Promise<void>;
}

export interface Reservation {
  readonly isGranted: boolean;
  /** In each bucket, afterwards; parts of a unit come back too, and below nothing there is debt. */
  readonly left: readonly number[];
  /** Corrects what was taken to what was used, soon and without failing. Call it once, on what was granted. */
  settle(units: number): void;
}

/** What is in a bucket some time after it held `level`. */
export const refilled = (level: number, elapsedMs: number, { units, windowS }: Quota): number =>
  Math.min(units, level + (Math.max(0, elapsedMs) * units) / (windowS * 1_000));

/** What is left when units are taken, or given back by a negative number. Nobody owes more than one whole quota, however wrong an estimate was. */
export const taken = (level: number, units: number, quota: Quota): number =>
  Math.max(-quota.units, Math.min(quota.units, level - units));

/** Until a bucket holds so much. */
export const secondsUntil = (wanted: number, left: number, { units, windowS }: Quota): number =>
  Math.max(0, ((wanted - left) * windowS) / units);
