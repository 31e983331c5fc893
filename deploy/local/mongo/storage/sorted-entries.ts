/** One entry of an index: a key per indexed field (see value-key.ts) and the document it belongs to. */
export interface Entry {
  readonly key: readonly string[];
  readonly id: string;
}

/** A place between entries: before or after all those that start with `key`. An empty key is the start or the end. */
export interface Bound {
  readonly key: readonly string[];
  readonly after: boolean;
}

/** A stretch of an index in its own order. */
export interface Interval {
  readonly low: Bound;
  readonly high: Bound;
}

const blockSize = 256;

/** Entries in key order, in blocks so that an insertion moves a few hundred references and not the whole index. */
export class SortedEntries {
  private blocks: Entry[][] = [];

  /** @param directions 1 or -1 for each field. */
  constructor(private readonly directions: readonly number[]) {}

  insert(entry: Entry): void {
    const at = Math.min(
      firstIndex(this.blocks, (block) => this.compare(lastOf(block), entry) >= 0),
      this.blocks.length - 1,
    );
    const block = this.blocks[at];
    if (!block) {
      this.blocks.push([entry]);
      return;
    }
    block.splice(
      firstIndex(block, (other) => this.compare(other, entry) >= 0),
      0,
      entry,
    );
    if (block.length > blockSize) this.blocks.splice(at + 1, 0, block.splice(blockSize / 2));
  }

  remove(entry: Entry): void {
    const at = firstIndex(this.blocks, (block) => this.compare(lastOf(block), entry) >= 0);
    const block = this.blocks[at];
    if (!block) return;
    const index = firstIndex(block, (other) => this.compare(other, entry) >= 0);
    const found = block[index];
    if (!found || this.compare(found, entry) !== 0) return;
    block.splice(index, 1);
    if (block.length === 0) this.blocks.splice(at, 1);
  }

  *scan(interval: Interval, reverse = false): Generator<Entry> {
    const [from, to] = this.range(interval);
    if (reverse) {
      for (let b = to.block; b >= from.block; b--) {
        const block = this.blocks[b] ?? [];
        const start = b === from.block ? from.index : 0;
        for (let i = (b === to.block ? to.index : block.length) - 1; i >= start; i--) yield block[i] as Entry;
      }
      return;
    }
    for (let b = from.block; b <= to.block; b++) {
      const block = this.blocks[b] ?? [];
      const end = b === to.block ? to.index : block.length;
      for (let i = b === from.block ? from.index : 0; i < end; i++) yield block[i] as Entry;
    }
  }

  count(interval: Interval): number {
    const [from, to] = this.range(interval);
    if (from.block === to.block) return Math.max(0, to.index - from.index);
    let total = (this.blocks[from.block]?.length ?? 0) - from.index + to.index;
    for (let b = from.block + 1; b < to.block; b++) total += this.blocks[b]?.length ?? 0;
    return Math.max(0, total);
  }

  compareBounds(left: Bound, right: Bound): number {
    const order = this.compareKeys(left.key, right.key);
    if (order !== 0) return order;
    if (left.key.length === right.key.length) return Number(left.after) - Number(right.after);
    // The shorter key surrounds all that the longer one starts.
    if (left.key.length < right.key.length) return left.after ? 1 : -1;
    return right.after ? -1 : 1;
  }

  /** Order over the fields that both keys have. */
  private compareKeys(left: readonly string[], right: readonly string[]): number {
    const length = Math.min(left.length, right.length);
    for (let i = 0; i < length; i++) {
      const [a, b] = [left[i] as string, right[i] as string];
      if (a !== b) return a < b === (this.directions[i] ?? 1) > 0 ? -1 : 1;
    }
    return 0;
  }

  private range({ low, high }: Interval): [Position, Position] {
    return [this.firstPast(low), this.firstPast(high)];
  }

  private firstPast(bound: Bound): Position {
    const past = (entry: Entry) => {
      const order = this.compareKeys(entry.key, bound.key);
      return order > 0 || (order === 0 && !bound.after);
    };
    const block = firstIndex(this.blocks, (candidate) => past(lastOf(candidate)));
    return { block, index: firstIndex(this.blocks[block] ?? [], past) };
  }

  private compare(left: Entry, right: Entry): number {
    const order = this.compareKeys(left.key, right.key);
    if (order !== 0) return order;
    return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
  }
}

interface Position {
  block: number;
  index: number;
}

function lastOf(block: readonly Entry[]): Entry {
  return block[block.length - 1] as Entry;
}

/** First index whose item passes, for items that fail up to some point and pass from there on. */
function firstIndex<T>(items: readonly T[], passes: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
