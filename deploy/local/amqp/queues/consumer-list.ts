import type { Consumer } from "./queue";

/**
 * The consumers of one queue in the order in which they take turns: higher priorities first, round robin among equals,
 * and with a single active consumer only the first that came.
 */
export class ConsumerList {
  private consumers: Consumer[] = [];
  private turn = 0;

  constructor(private readonly singleActive: boolean) {}

  get size(): number {
    return this.consumers.length;
  }

  get exclusive(): boolean {
    return this.consumers.some((consumer) => consumer.exclusive);
  }

  all(): readonly Consumer[] {
    return this.consumers;
  }

  add(consumer: Consumer): void {
    this.consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    this.consumers = this.consumers.filter((other) => other !== consumer);
  }

  /** Who gets the next message; undefined while nobody can take one. */
  next(): Consumer | undefined {
    const candidates = this.singleActive ? this.consumers.slice(0, 1) : this.consumers;
    let best: Consumer | undefined;
    let bestAt = 0;
    for (let i = 0; i < candidates.length; i++) {
      const at = (this.turn + i) % candidates.length;
      const consumer = candidates[at]!;
      if ((best === undefined || consumer.priority > best.priority) && consumer.canTake()) {
        best = consumer;
        bestAt = at;
      }
    }
    if (best) this.turn = bestAt + 1;
    return best;
  }
}
