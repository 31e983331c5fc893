import type { GoneSignal } from "./upstream-context";

/** Calls `onGone` when the signal aborts; the returned function ends the watch. */
export type WatchSignal = (signal: GoneSignal, onGone: () => void) => () => void;

/** One listener for each signal, however many calls an operation makes: adding one costs as much as a good part of a call. */
export function createSignalWatch(): WatchSignal {
  const watched = new WeakMap<GoneSignal, Set<() => void>>();

  const watch = (signal: GoneSignal): Set<() => void> => {
    const watchers = new Set<() => void>();
    watched.set(signal, watchers);
    const callAll = () => {
      for (const onGone of watchers) onGone();
    };
    signal.addEventListener("abort", callAll, { once: true });
    return watchers;
  };

  return (signal, onGone) => {
    const watchers = watched.get(signal) ?? watch(signal);
    watchers.add(onGone);
    return () => void watchers.delete(onGone);
  };
}
