import type { Delivery } from "./queue";

/**
 * The messages of a queue that wait for a consumer, ordered by priority, then by position. New ones join at the end and
 * requeued ones find their old place; both ends are cheap, and that is where nearly all of them belong.
 */
export class ReadyList {
  private items: (Delivery | undefined)[] = [];
  private head = 0;

  constructor(private readonly priorityOf: (delivery: Delivery) => number) {}

  get length(): number {
    return this.items.length - this.head;
  }

  first(): Delivery | undefined {
    return this.items[this.head];
  }

  shift(): Delivery | undefined {
    const first = this.items[this.head];
    if (!first) return undefined;
    this.items[this.head++] = undefined;
    if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return first;
  }

  insert(delivery: Delivery): void {
    const last = this.items.at(-1);
    if (!last || this.length === 0 || this.before(last, delivery)) {
      this.items.push(delivery);
      return;
    }
    if (this.head > 0 && this.before(delivery, this.items[this.head]!)) {
      this.items[--this.head] = delivery;
      return;
    }
    let low = this.head;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.before(this.items[middle]!, delivery)) low = middle + 1;
      else high = middle;
    }
    this.items.splice(low, 0, delivery);
  }

  /** Empties the list. */
  drain(): Delivery[] {
    const all = this.items.slice(this.head) as Delivery[];
    this.items = [];
    this.head = 0;
    return all;
  }

  private before(a: Delivery, b: Delivery): boolean {
    const difference = this.priorityOf(b) - this.priorityOf(a);
    return difference === 0 ? a.position < b.position : difference < 0;
  }
}
