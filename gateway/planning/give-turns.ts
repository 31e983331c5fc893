import { isMainThread } from "node:worker_threads";

/** A thread that computes keeps its processor until the operating system's next tick: up to 4 ms on Linux, though others have become ready. */
const TURN_MS = 0.25;
/** Any time will do that puts the thread to sleep. */
const PAUSE_MS = 0.01;

const nobody = new Int32Array(new SharedArrayBuffer(4));
let sinceMs = 0;

/** The thread begins to compute. */
export function beginTurn(): void {
  sinceMs = performance.now();
}

/**
 * Call it often in what computes for long: lets others run, where there are more threads than processors. A priority alone does not: see `stepBack`.
 * On the main thread nothing happens.
 */
export function giveTurn(): void {
  if (isMainThread || performance.now() - sinceMs < TURN_MS) return;
  Atomics.wait(nobody, 0, 0, PAUSE_MS);
  beginTurn();
}
