import type { Deadlines, Timed } from "../../upstream/deadlines";
import type { GoneSignal } from "../../upstream/upstream-context";

/**
 * Runs with a signal that tells when the time is over; whatever still runs then is given up, and `late` is the result. It is not a
 * client's signal: those who wait for a shared execution come and go.
 */
export function withDeadline<T>(
  deadlines: Deadlines,
  run: (signal: GoneSignal) => Promise<T>,
  late: () => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const signal = new DeadlineSignal(() => resolve(late()));
    deadlines.start(signal);
    const end = () => deadlines.stop(signal);
    run(signal).then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error as Error);
      },
    );
  });
}

class DeadlineSignal implements GoneSignal, Timed {
  dueAtMs = 0;
  place = 0;
  aborted = false;
  readonly #listeners: (() => void)[] = [];

  constructor(private readonly onLate: () => void) {}

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  onDue(): void {
    this.aborted = true;
    this.onLate();
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
