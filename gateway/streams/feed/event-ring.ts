import type { LogEntry } from "./log-entry";

/** The newest entries of the log without a hole, bounded by count and bytes: the oldest go first. */
export interface EventRing {
  readonly count: number;
  readonly bytes: number;
  /** The offset from which on everything is here; `undefined` while there is nothing. */
  readonly from: number | undefined;
  append(entry: LogEntry): void;
  /** Entries older than all that are here, ending directly before them, oldest first. */
  prepend(entries: readonly LogEntry[]): void;
  at(offset: number): LogEntry | undefined;
  /** The first entry behind the offset. */
  behind(offset: number): LogEntry | undefined;
  clear(): void;
}

export function createEventRing(limits: { count: number; bytes: number }): EventRing {
  let entries: LogEntry[] = [];
  /** Entries before this index are gone: moving all the others each time would cost more. */
  let first = 0;
  let bytes = 0;

  const evict = () => {
    while (entries.length - first > limits.count || (bytes > limits.bytes && entries.length - first > 1)) {
      bytes -= entries[first++]!.bytes;
    }
    if (first > limits.count) {
      entries = entries.slice(first);
      first = 0;
    }
  };
  /** The index of the first entry whose offset is `offset` or more. */
  const indexOf = (offset: number) => {
    let [low, high] = [first, entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entries[middle]!.position.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    get count() {
      return entries.length - first;
    },
    get bytes() {
      return bytes;
    },
    get from() {
      return entries[first]?.position.offset;
    },
    append: (entry) => {
      entries.push(entry);
      bytes += entry.bytes;
      evict();
    },
    prepend: (older) => {
      entries = [...older, ...entries.slice(first)];
      first = 0;
      bytes += older.reduce((sum, entry) => sum + entry.bytes, 0);
      evict();
    },
    at: (offset) => {
      const entry = entries[indexOf(offset)];
      return entry?.position.offset === offset ? entry : undefined;
    },
    behind: (offset) => entries[indexOf(offset + 1)],
    clear: () => {
      entries = [];
      first = 0;
      bytes = 0;
    },
  };
}
