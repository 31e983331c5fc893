import type { ServerResponse } from "node:http";
import type { GoneSignal } from "../upstream/upstream-context";

/** Aborted when the client is gone before it had its answer: nobody waits for the subgraphs then. */
export function signalOf(res: ServerResponse): GoneSignal {
  const signal = new ResponseSignal();
  res.once("close", () => {
    if (!res.writableFinished) signal.abort();
  });
  return signal;
}

/** An `AbortController` with its event target takes some 5 µs, of every request. */
class ResponseSignal implements GoneSignal {
  aborted = false;
  readonly #listeners: (() => void)[] = [];

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
