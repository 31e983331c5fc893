import type { UsageEntry } from "./usage-entry";

/** Figures to be added, once however often they are sent. */
export interface UsageBatch {
  /** UUID of the process that counts. */
  readonly writer: string;
  /** Larger than those of all earlier batches of the writer. */
  readonly number: number;
  readonly entries: readonly UsageEntry[];
}

export interface UsageQuery {
  readonly partnerId: string;
  /** `YYYY-MM-DD`, both included. */
  readonly from: string;
  readonly to: string;
  readonly operation?: string;
  readonly maxEntries: number;
}

/** Where usage figures are kept. */
export interface UsageStore {
  /** @throws when it may not have been written; sent again it is counted once all the same */
  write(batch: UsageBatch): Promise<void>;
  /** @returns by day, operation and key @throws while the store does not answer */
  read(query: UsageQuery): Promise<readonly UsageEntry[]>;
  /** Deletes some of the figures of days that are longer ago, the oldest first. @returns how many; 0: there are no more */
  prune(keepDays: number): Promise<number>;
}
