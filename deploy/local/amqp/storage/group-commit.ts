/** Something with buffered writes; `flush` hands them to the operating system before it returns. */
export interface Flushable {
  flush(): void;
}

/**
 * Writes of one turn of the event loop reach the disk together, and what waits for them (publisher confirms, replies to
 * declarations) goes out after that. "Reached the disk" is write(2) without fsync: everything confirmed survives a killed
 * process, not a power cut. That is the bargain of a development broker.
 */
export class GroupCommit {
  private readonly dirty = new Set<Flushable>();
  private waiting: (() => void)[] = [];
  private scheduled = false;

  /** `onFailure` hears of a write that failed (a full disk): nothing waiting for it will ever be told it is safe. */
  constructor(private readonly onFailure: (error: Error) => void) {}

  join(writer: Flushable): void {
    this.dirty.add(writer);
    this.schedule();
  }

  leave(writer: Flushable): void {
    this.dirty.delete(writer);
  }

  /** Calls back, always later, once everything written so far is safe. */
  whenSafe(callback: () => void): void {
    this.waiting.push(callback);
    this.schedule();
  }

  run(): void {
    this.scheduled = false;
    try {
      for (const writer of this.dirty) writer.flush();
      this.dirty.clear();
    } catch (error) {
      this.waiting = [];
      this.onFailure(error as Error);
      return;
    }
    const ready = this.waiting;
    this.waiting = [];
    for (const callback of ready) callback();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.run());
  }
}
