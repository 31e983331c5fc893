import { LRUCache } from "lru-cache";

/** At-least-once publishers repeat an event now and then: the first message with its id counts, in the order of the log. */
export interface DuplicateFilter {
  /** Remembers the message; true when one with the same id comes before it in the log. */
  isRepeated(id: string, offset: number): boolean;
  /** From here on offsets are those of another log; what was seen before stays seen. */
  newLog(): void;
}

/** @param max ids that are remembered; the least recently seen go first */
export function createDuplicateFilter(max: number): DuplicateFilter {
  let offsets = new LRUCache<string, number>({ max });
  let before: LRUCache<string, number> | undefined;
  return {
    isRepeated: (id, offset) => {
      if (before?.has(id)) return true;
      const known = offsets.get(id);
      if (known !== undefined && known < offset) return true;
      offsets.set(id, offset);
      return false;
    },
    newLog: () => {
      before = offsets;
      offsets = new LRUCache({ max });
    },
  };
}
