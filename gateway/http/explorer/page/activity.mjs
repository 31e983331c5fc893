/**
 * What the operation at hand is doing, for the status line. A store of one value, in the shape that
 * `useSyncExternalStore` wants; the fetcher writes, the components read.
 *
 * @typedef {object} Activity
 * @property {"idle" | "running" | "live" | "reconnecting" | "done" | "failed" | "stopped"} state
 * @property {number} runs how many operations this page has started
 * @property {number} [httpStatus]
 * @property {number} [durationMs]
 * @property {number} [bytes] size of the answer's text
 * @property {number} [events] results received by a subscription
 * @property {unknown} [result] the last result, whole: what the user sees may leave extensions out
 */
export function createActivity() {
  /** @type {Activity} */
  let current = { state: "idle", runs: 0 };
  const listeners = new Set();
  const publish = (next) => {
    current = next;
    for (const listener of listeners) listener();
  };
  return {
    get: () => current,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => publish({ state: "running", runs: current.runs + 1 }),
    update: (changes) => publish({ ...current, ...changes }),
  };
}
